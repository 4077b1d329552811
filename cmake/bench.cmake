# bench.cmake -- the programs of bench/ (see its README.md), in release builds.

# leat_bench in any build: it sees leat.h alone, and its answers are a test.
if(TARGET leat_engine AND NOT LEAT_FUZZ)
    add_executable(leat_bench bench/leat_bench.c bench/checksum.c bench/columns.c
                              bench/expressions.c bench/groups.c bench/host.c bench/lines.c
                              bench/nexmark.c bench/reference.c)
    target_link_libraries(leat_bench PRIVATE leat_flags ${LEAT_LINK})
    target_compile_definitions(leat_bench PRIVATE LEAT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME bench_answers COMMAND leat_bench check --data ${CMAKE_BINARY_DIR}/bench-data
             WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endif()

option(LEAT_BENCH "Build the benchmarks" ON)
set(LEAT_SIMDJSON "" CACHE PATH "Folder of simdjson.h and simdjson.cpp, instead of the system's")
if(NOT LEAT_BENCH OR NOT CMAKE_BUILD_TYPE STREQUAL "Release" OR LEAT_SANITIZE OR NOT TARGET leat_engine)
    return()
endif()

# By hand, for this machine. The data is the generator's own.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/roofline*.c)
if(sources)
    add_executable(roofline ${sources})
    target_compile_options(roofline PRIVATE -march=native)
    target_link_libraries(roofline PRIVATE leat_flags ${LEAT_LINK})
endif()

if(EXISTS ${CMAKE_SOURCE_DIR}/bench/latency.c)
    add_executable(latency bench/latency.c)
    target_link_libraries(latency PRIVATE leat_flags ${LEAT_LINK})
endif()

# The peer of JSON decoding; nothing else here is C++.
find_path(LEAT_SIMDJSON_HEADER simdjson.h HINTS ${LEAT_SIMDJSON} NO_CACHE)
include(CheckLanguage)
check_language(CXX)
if(LEAT_SIMDJSON_HEADER AND CMAKE_CXX_COMPILER)
    enable_language(CXX)
    add_executable(peer_simdjson bench/peers/simdjson.cpp)
    set_target_properties(peer_simdjson PROPERTIES CXX_STANDARD 17)
    target_compile_options(peer_simdjson PRIVATE -O3 -march=native)
    target_include_directories(peer_simdjson PRIVATE ${LEAT_SIMDJSON_HEADER})
    if(EXISTS ${LEAT_SIMDJSON_HEADER}/simdjson.cpp)
        target_sources(peer_simdjson PRIVATE ${LEAT_SIMDJSON_HEADER}/simdjson.cpp)
    else()
        target_link_libraries(peer_simdjson PRIVATE simdjson)
    endif()
else()
    message(STATUS "bench: no simdjson.h (libsimdjson-dev), so no peer for JSON")
endif()
