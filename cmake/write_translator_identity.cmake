# Writes OUTPUT: a C++ file that holds a hash of all FILES. Run by ingot_add_cuda at build time.
set(hashes "")
foreach(file IN LISTS FILES)
  file(SHA256 ${file} hash)
  string(APPEND hashes ${hash})
endforeach()
string(SHA256 identity "${hashes}")
file(WRITE ${OUTPUT} "#include <string_view>\n\nnamespace ingot::cuda {\n\n"
     "extern const std::string_view translator_identity;\n"
     "const std::string_view translator_identity = \"${identity}\";\n\n}  // namespace ingot::cuda\n")
