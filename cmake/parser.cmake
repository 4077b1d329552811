# parser.cmake -- re2c and lemon turn parser/*.re and parser/*.y into C.
find_program(LEMON lemon REQUIRED)
find_program(RE2C re2c REQUIRED)
set(LEAT_GENERATED ${CMAKE_BINARY_DIR}/generated/parser)
file(MAKE_DIRECTORY ${LEAT_GENERATED})
set(LEAT_PARSER_GENERATED)
file(GLOB LEAT_RE CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/parser/*.re)
foreach(src IN LISTS LEAT_RE)
    get_filename_component(name ${src} NAME_WE)
    set(out ${LEAT_GENERATED}/${name}.c)
    add_custom_command(OUTPUT ${out} DEPENDS ${src} VERBATIM
        COMMAND ${RE2C} -W --no-generation-date --no-debug-info -o ${out} ${src})
    list(APPEND LEAT_PARSER_GENERATED ${out})
endforeach()
# The grammar is written as fragments, grammar/NN_name.y, joined in name order.
# lemon fails on a conflict; -c keeps it from making default reductions, which
# would take a keyword for a name (see grammar/00_head.y).
file(GLOB LEAT_Y CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/parser/grammar/*.y)
if(LEAT_Y)
    list(SORT LEAT_Y)
    set(out ${LEAT_GENERATED}/grammar.c)
    add_custom_command(OUTPUT ${out} ${LEAT_GENERATED}/grammar.h DEPENDS ${LEAT_Y} VERBATIM
        COMMAND sh -c "cat \"$@\" > ${LEAT_GENERATED}/grammar.y" sh ${LEAT_Y}
        COMMAND sh -c "cd ${LEAT_GENERATED} && ${LEMON} -q -c -l grammar.y")
    list(APPEND LEAT_PARSER_GENERATED ${out})
endif()
set_source_files_properties(${LEAT_PARSER_GENERATED} PROPERTIES COMPILE_OPTIONS
    "-Wno-unused-parameter;-Wno-unused-variable;-Wno-missing-prototypes;-Wno-shadow;-Wno-sign-compare;-Wno-implicit-fallthrough")
