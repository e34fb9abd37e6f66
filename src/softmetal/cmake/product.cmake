# softmetal alone: the library with the layers below it, its program, its test, and its installation.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
option(SOFTMETAL_BUILD_TESTS "Build the test" ON)
option(SOFTMETAL_BUILD_TOOL "Build the program softmetal" ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

file(GLOB below CONFIGURE_DEPENDS ${root}/src/core/*.cpp ${root}/src/msl/*.cpp)
add_library(softmetal STATIC $<TARGET_OBJECTS:softmetal_objects> ${below})
add_library(softmetal::softmetal ALIAS softmetal)
set_target_properties(softmetal PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_compile_features(softmetal PUBLIC cxx_std_20)
target_include_directories(
  softmetal
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${root}/include>
         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE ${root}/src)
target_link_libraries(softmetal PRIVATE $<BUILD_INTERFACE:ingot_compile> fmt::fmt TBB::tbb ${CMAKE_DL_LIBS})

if(SOFTMETAL_BUILD_TOOL)
  set(INGOT_LIBRARY softmetal)
  add_subdirectory(${root}/src/program ${CMAKE_CURRENT_BINARY_DIR}/program)
  add_subdirectory(tool)
  install(TARGETS softmetal_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

if(SOFTMETAL_BUILD_TESTS)
  enable_testing()
  add_executable(softmetal_smoke example/sum.cpp)
  target_link_libraries(softmetal_smoke PRIVATE softmetal::softmetal)
  add_test(NAME smoke COMMAND softmetal_smoke ${CMAKE_CURRENT_SOURCE_DIR}/example/sum.metal)
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/softmetal)
install(TARGETS softmetal EXPORT softmetal-targets)
install(EXPORT softmetal-targets NAMESPACE softmetal:: DESTINATION ${package_dir})
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${root}/include/ingot/error.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ingot)
install(FILES ${root}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
configure_package_config_file(cmake/softmetal-config.cmake.in softmetal-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(softmetal-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/softmetal-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/softmetal-config-version.cmake
        DESTINATION ${package_dir})
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/softmetal.pc.in softmetal.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/softmetal.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
