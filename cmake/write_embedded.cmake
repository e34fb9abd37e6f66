# Writes OUTPUT: a C++ file that holds the text of each file named in LIST. Run by ingot_embed at build time.
file(STRINGS ${LIST} files)
set(entries "")
foreach(file IN LISTS files)
  file(RELATIVE_PATH path ${BASE} ${file})
  file(READ ${file} text)
  # A string literal may be limited to 64 KiB by compilers: split the text into adjacent literals.
  string(LENGTH "${text}" length)
  set(pieces "")
  set(position 0)
  while(position LESS length)
    string(SUBSTRING "${text}" ${position} 8000 piece)
    string(APPEND pieces "R\"__ingot__(${piece})__ingot__\"\n")
    math(EXPR position "${position} + 8000")
  endwhile()
  if(pieces STREQUAL "")
    set(pieces "\"\"")
  endif()
  string(APPEND entries "    {\"${path}\",\n${pieces}},\n")
endforeach()
file(WRITE ${OUTPUT}
  "#include \"core/embedded.hpp\"\n\nnamespace ingot::embedded {\n\nstatic constexpr EmbeddedFile kFiles[] = {\n${entries}};\n"
  "extern const std::span<const EmbeddedFile> ${SYMBOL};\n"
  "const std::span<const EmbeddedFile> ${SYMBOL}(kFiles);\n\n}  // namespace ingot::embedded\n")
