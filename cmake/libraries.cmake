# libraries.cmake -- one object library per folder, joined into libleat; the shell.
set(LEAT_FOLDERS base data parser catalog planner storage exec connectors engine)
set(LEAT_LIBS PkgConfig::SQLITE PkgConfig::XXHASH PkgConfig::PCRE2 PkgConfig::UTF8PROC
              Threads::Threads m ${CMAKE_DL_LIBS})
set(LEAT_OBJECTS)
set(LEAT_STATIC)
foreach(folder IN LISTS LEAT_FOLDERS)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.c)
    if(folder STREQUAL parser)
        list(APPEND sources ${LEAT_PARSER_GENERATED})
    endif()
    if(sources)
        add_library(leat_${folder} STATIC ${sources})
        target_link_libraries(leat_${folder} PUBLIC leat_flags ${LEAT_LIBS})
        list(APPEND LEAT_STATIC leat_${folder})
    endif()
endforeach()
# Registries make the folders refer to each other at link time.
set(LEAT_LINK -Wl,--start-group ${LEAT_STATIC} -Wl,--end-group ${LEAT_LIBS})

file(GLOB shell_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/shell/*.c)
if(shell_sources)
    add_executable(leat ${shell_sources})
    target_link_libraries(leat PRIVATE leat_flags ${LEAT_LINK})
endif()

# libleat.so: the same objects behind the names of leat.h.
if(TARGET leat AND NOT LEAT_SANITIZE AND NOT LEAT_FUZZ AND NOT LEAT_COVERAGE)
    file(WRITE ${CMAKE_BINARY_DIR}/generated/shared.c "/* shared.c -- an empty unit. */\n")
    add_library(leat_shared SHARED ${CMAKE_BINARY_DIR}/generated/shared.c)
    set_target_properties(leat_shared PROPERTIES OUTPUT_NAME leat VERSION ${PROJECT_VERSION}
                                                 SOVERSION ${PROJECT_VERSION_MAJOR})
    target_link_libraries(leat_shared PRIVATE leat_flags -Wl,--whole-archive ${LEAT_STATIC}
                                              -Wl,--no-whole-archive ${LEAT_LIBS})
    target_link_options(leat_shared PRIVATE
        -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/leat.map)
    include(GNUInstallDirs)
    configure_file(cmake/leat.pc.in ${CMAKE_BINARY_DIR}/leat.pc @ONLY)
    install(TARGETS leat leat_shared)
    install(FILES ${CMAKE_SOURCE_DIR}/include/leat.h TYPE INCLUDE)
    install(FILES ${CMAKE_BINARY_DIR}/leat.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
