/* fuzz_csv.c -- csv text against what formats.h promises. The first two bytes choose the
 * options and the place of the cut. Cut text is decoded record by record, whole text by
 * vectors: they must agree. */
#include "connectors/formats/csv.h"
#include "connectors/formats/structural.h"
#include "tests/fuzz/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void prepare(const struct fuzz_world *world, struct lt_decoder *decoder, bool cut)
{
    const struct lt_structural *level = lt_structural_best();
    for (unsigned i = 0; world->table.n_options % 2 && lt_structural_levels[i]; i++)
        level = lt_structural_levels[i]; /* the last, which every machine has */
    FUZZ_CHECK(lt_csv_decoder_use(decoder, cut ? NULL : level) == LT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct fuzz_world world;
    fuzz_open(&world, &lt_format_csv);
    uint8_t bits = data[0];
    if (bits & 1)
        fuzz_option(&world, "csv.field-delimiter", ";");
    if (bits & 2)
        fuzz_option(&world, "csv.disable-quote-character", "true");
    if (bits & 4)
        fuzz_option(&world, "csv.escape-character", "\\");
    if (bits & 8)
        fuzz_option(&world, "csv.allow-comments", "true");
    if (bits & 16)
        fuzz_option(&world, "csv.null-literal", "n");
    if (bits & 32)
        fuzz_option(&world, "csv.header", "true");
    if (bits & 64)
        fuzz_option(&world, "csv.ignore-parse-errors", "true");
    fuzz_option(&world, "csv.array-element-delimiter", "/");
    const struct lt_type *pair[] = {&lt_type_int, &lt_type_string};
    const struct lt_str names[] = {LT_STR("x"), LT_STR("y")};
    fuzz_column(&world, "a", &lt_type_string);
    if (bits & 128) {
        fuzz_column(&world, "b", &lt_type_bigint);
        fuzz_column(&world, "c", &lt_type_double);
        fuzz_column(&world, "d", lt_type_array(&world.arena, &lt_type_smallint));
        fuzz_column(&world, "e", lt_type_row(&world.arena, 2, pair, names));
    } else {
        fuzz_column(&world, "b", &lt_type_timestamp3);
        fuzz_column(&world, "c", &lt_type_bytes);
        fuzz_column(&world, "d", lt_type_decimal(&world.arena, 10, 2));
    }
    world.prepare = prepare;
    fuzz_run(&world, (const char *)data + 2, size - 2, data[1] % (size - 1));
    fuzz_close(&world);
    return 0;
}
