# Gives <target> what the Metal backend is compiled against: Apple's metal-cpp on macOS, softmetal elsewhere.
# INGOT_METAL_DEVICE is the name of the device that comes of it: metal or softmetal.
if(APPLE)
  set(INGOT_METAL_DEVICE metal)
else()
  set(INGOT_METAL_DEVICE softmetal)
endif()

function(ingot_add_metal target)
  target_compile_definitions(${target} PRIVATE INGOT_HAS_METAL=1)
  if(APPLE)
    # Apple publishes metal-cpp as an archive without a stable hash; this mirror of it is pinned by its commit.
    include(FetchContent)
    FetchContent_Declare(
      metal_cpp
      GIT_REPOSITORY https://github.com/bkaradzic/metal-cpp.git
      GIT_TAG a63bd172ddcba73a3d87ca32032b66ad41ddb9a6)
    FetchContent_MakeAvailable(metal_cpp)
    target_include_directories(${target} SYSTEM PRIVATE ${metal_cpp_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE "-framework Metal" "-framework Foundation")
  else()
    add_subdirectory(${PROJECT_SOURCE_DIR}/src/softmetal)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:softmetal_objects>)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src/softmetal/include)
  endif()
endfunction()
