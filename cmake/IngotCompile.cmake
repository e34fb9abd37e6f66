# Flags that every target of Ingot is compiled with, and the sanitizer presets.
include_guard(GLOBAL)
add_library(ingot_compile INTERFACE)
target_compile_features(ingot_compile INTERFACE cxx_std_20)
target_compile_options(ingot_compile INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-unused-parameter)

set(INGOT_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
if(INGOT_SANITIZE)
  target_compile_options(ingot_compile INTERFACE -fsanitize=${INGOT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ingot_compile INTERFACE -fsanitize=${INGOT_SANITIZE})
endif()
