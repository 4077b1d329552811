/* fuzz_json.c -- JSON lines against what formats.h promises, and the fast walk at every level
 * of instructions against the strict one: the same rows, or the same message. The first two
 * bytes choose the options and the place of the cut. */
#include "connectors/formats/json.h"
#include "connectors/formats/structural.h"
#include "tests/fuzz/formats.h"

static void choose_level(const struct fuzz_world *world, struct lt_decoder *decoder, bool cut)
{
    LT_UNUSED(cut);
    lt_json_decoder_level(decoder, world->how);
}

/* Blank lines behind the text, so that its last lines too may be read ahead of their end. */
static void compare_walks(struct fuzz_world *world, const char *data, size_t size, size_t split)
{
    struct lt_buf text, want, got;
    lt_buf_init(&text, &world->alloc);
    lt_buf_init(&want, &world->alloc);
    lt_buf_init(&got, &world->alloc);
    lt_buf_add(&text, data, size);
    for (unsigned i = 0; i < 40; i++)
        lt_buf_addc(&text, '\n');
    world->prepare = choose_level;
    world->how = NULL;
    int good = fuzz_decode(world, text.data, text.len, text.len, 64, &want, NULL);
    struct lt_error err = world->err;
    for (unsigned i = 0; lt_structural_levels[i]; i++) {
        world->how = lt_structural_levels[i];
        if (!lt_structural_levels[i]->usable())
            continue;
        lt_buf_clear(&got);
        FUZZ_CHECK(fuzz_decode(world, text.data, text.len, split, 64, &got, NULL) == good);
        FUZZ_CHECK(strcmp(world->err.message, err.message) == 0);
        FUZZ_CHECK(!good || lt_str_equal(lt_buf_str(&want), lt_buf_str(&got)));
    }
    lt_buf_close(&text);
    lt_buf_close(&want);
    lt_buf_close(&got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct fuzz_world world;
    fuzz_open(&world, &lt_format_json);
    uint8_t bits = data[0];
    if (bits & 1)
        fuzz_option(&world, "json.ignore-parse-errors", "true");
    else if (bits & 2)
        fuzz_option(&world, "json.fail-on-missing-field", "true");
    if (bits & 4)
        fuzz_option(&world, "json.timestamp-format.standard", "ISO-8601");
    if (bits & 8)
        fuzz_option(&world, "json.encode.decimal-as-plain-number", "true");
    if ((bits & 16) && !(bits & 2))
        fuzz_option(&world, "json.encode.ignore-null-fields", "true");
    const struct lt_type *pair[] = {&lt_type_int, &lt_type_string};
    const struct lt_str names[] = {LT_STR("x"), LT_STR("y")};
    const struct lt_type *row = lt_type_row(&world.arena, 2, pair, names);
    fuzz_column(&world, "a", &lt_type_string);
    if (bits & 128) {
        fuzz_column(&world, "b", &lt_type_bigint);
        fuzz_column(&world, "c", &lt_type_double);
        fuzz_column(&world, "d", row);
        fuzz_column(&world, "e", lt_type_array(&world.arena, row));
        fuzz_column(&world, "f",
                    lt_type_map(&world.arena, &lt_type_string,
                                lt_type_array(&world.arena, &lt_type_string)));
    } else {
        fuzz_column(&world, "b", &lt_type_timestamp3);
        fuzz_column(&world, "c", &lt_type_bytes);
        fuzz_column(&world, "d", lt_type_decimal(&world.arena, 20, 12));
        fuzz_column(&world, "e", &lt_type_boolean);
        fuzz_column(&world, "f", &lt_type_ltz3);
    }
    fuzz_run(&world, (const char *)data + 2, size - 2, data[1] % (size - 1));
    compare_walks(&world, (const char *)data + 2, size - 2, data[1] % (size - 1));
    fuzz_close(&world);
    return 0;
}
