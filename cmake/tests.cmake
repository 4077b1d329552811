# tests.cmake -- cmocka executables, fuzzers, script tests.
enable_testing()
file(GLOB_RECURSE unit_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/test_*.c)
if(CMOCKA_FOUND AND NOT LEAT_FUZZ)
    foreach(src IN LISTS unit_tests)
        file(RELATIVE_PATH rel ${CMAKE_SOURCE_DIR}/tests/unit ${src})
        string(REGEX REPLACE "/|\\.c$" "_" name ${rel})
        string(REGEX REPLACE "_$" "" name ${name})
        add_executable(${name} ${src})
        target_link_libraries(${name} PRIVATE leat_flags ${LEAT_LINK} PkgConfig::CMOCKA)
        target_compile_definitions(${name} PRIVATE LEAT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
        add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    endforeach()
endif()
if(LEAT_FUZZ)
    file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
    foreach(src IN LISTS fuzzers)
        get_filename_component(name ${src} NAME_WE)
        add_executable(${name} ${src})
        target_link_libraries(${name} PRIVATE leat_flags ${LEAT_LINK} -fsanitize=fuzzer)
    endforeach()
endif()

# Scripts: tests/runner plays tests/sql/<area>/*.test in every way (docs/testing.md).
file(GLOB runner_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/runner/*.c)
if(runner_sources AND TARGET leat_engine AND NOT LEAT_FUZZ)
    add_executable(test_runner ${runner_sources})
    target_link_libraries(test_runner PRIVATE leat_flags ${LEAT_LINK})
    file(GLOB areas CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/sql/*)
    foreach(area IN LISTS areas)
        get_filename_component(name ${area} NAME)
        add_test(NAME sql_${name} COMMAND test_runner --quiet tests/sql/${name}
                 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    endforeach()
endif()
if(TARGET test_runner)
    add_test(NAME sql_threads COMMAND test_runner --quiet --way threads tests/sql
             WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(sql_threads PROPERTIES LABELS threads)
endif()
if(TARGET leat_engine AND NOT LEAT_FUZZ)
    add_executable(example_embed examples/embed.c)
    target_link_libraries(example_embed PRIVATE leat_flags ${LEAT_LINK})
    add_test(NAME example_embed COMMAND example_embed)
    set_tests_properties(example_embed PROPERTIES PASS_REGULAR_EXPRESSION
        "Oslo . 2024-01-01 00:00:00.000 . 3.0.*Oslo . 2024-01-01 02:00:00.000 . 1.0")
endif()
# The shell as a user meets it: each script gets the path of the shell.
file(GLOB shell_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/shell/*.sh)
if(TARGET leat AND NOT LEAT_FUZZ)
    foreach(src IN LISTS shell_tests)
        get_filename_component(name ${src} NAME_WE)
        add_test(NAME shell_${name} COMMAND ${src} $<TARGET_FILE:leat>
                 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        set_tests_properties(shell_${name} PROPERTIES SKIP_RETURN_CODE 77)
    endforeach()
endif()

# What needs Python: the rules of style, and answers recomputed by other programs.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
    add_test(NAME tidy COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/tidy ${CMAKE_SOURCE_DIR})
    if(TARGET leat AND NOT LEAT_FUZZ)
        add_test(NAME nexmark COMMAND ${Python3_EXECUTABLE} tests/nexmark/check.py
                 $<TARGET_FILE:leat> 20000 1000 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        add_test(NAME real COMMAND ${Python3_EXECUTABLE} tests/real/check.py $<TARGET_FILE:leat>
                 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        set_tests_properties(real PROPERTIES SKIP_RETURN_CODE 77)
    endif()
    if(TARGET test_runner)
        add_test(NAME oracle_windows COMMAND tests/oracle/play.sh $<TARGET_FILE:test_runner>
                 windows 1 300 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        add_test(NAME oracle_prefixes COMMAND tests/oracle/play.sh $<TARGET_FILE:test_runner>
                 prefixes 1 200 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    endif()
endif()

# What the thread sanitizer runs: everything that starts threads.
foreach(name IN ITEMS exec_test_graph exec_test_exchange data_test_batch engine_test_api
                  engine_test_listen)
    if(TEST ${name})
        set_tests_properties(${name} PROPERTIES LABELS threads)
    endif()
endforeach()
