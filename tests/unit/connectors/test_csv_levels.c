/* test_csv_levels.c -- random csv, read record by record and by every level of vectors: the same
 * rows, the same count of bad records, the same message, wherever the text is cut. What was read
 * is written fast and in the general way: the same text. */
#include "connectors/formats/csv.h"
#include "connectors/formats/structural.h"
#include "tests/unit/connectors/support.h"

enum { COLUMNS_MAX = 9 };

static uint64_t seed;

static uint32_t below(uint32_t n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

/* One random text and how it is to be read. */
struct sample {
    struct lt_connector_table table;
    struct lt_scan_request request;
    struct lt_buf text;
    char delimiter, quote;
    bool header, quotes;
    unsigned dirt; /* one field in so many is odd; 0: none is */
};

/* ---- making it ---------------------------------------------------------- */

static const struct lt_type *sample_type(struct world *world)
{
    switch (below(20)) {
    case 0: return &lt_type_boolean;
    case 1: return &lt_type_tinyint;
    case 2: return &lt_type_smallint;
    case 3: return &lt_type_int;
    case 4: return &lt_type_double;
    case 5: return &lt_type_float;
    case 6: return lt_type_decimal(&world->arena, 10, 2);
    case 7: return &lt_type_date;
    case 8: return &lt_type_timestamp3;
    case 9: return &lt_type_ltz3;
    case 10: return lt_type_text(&world->arena, LT_TYPE_VARCHAR, 9);
    case 11: return lt_type_text(&world->arena, LT_TYPE_CHAR, 9);
    case 12: return &lt_type_bytes;
    case 13: return lt_type_array(&world->arena, &lt_type_int);
    case 14: return &lt_type_bigint_not_null;
    case 15: return &lt_type_time;
    case 16:
    case 17: return &lt_type_string;
    default: return &lt_type_bigint;
    }
}

static void sample_word(struct sample *sample, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        lt_buf_addc(&sample->text, (char)('a' + below(26)));
}

static void sample_value(struct sample *sample, const struct lt_type *type)
{
    struct lt_buf *out = &sample->text;
    uint32_t digits = below(12) ? 9 : 1u << 30;
    switch (type->kind) {
    case LT_TYPE_BOOLEAN: lt_buf_adds(out, below(2) ? "true" : "false"); break;
    case LT_TYPE_TINYINT: lt_buf_addf(out, "%d", (int)below(256) - 128); break;
    case LT_TYPE_SMALLINT: lt_buf_addf(out, "%d", (int)below(65536) - 32768); break;
    case LT_TYPE_INT: lt_buf_addf(out, "%s%u", below(3) ? "" : "-", below(digits)); break;
    case LT_TYPE_DOUBLE:
    case LT_TYPE_FLOAT:
    case LT_TYPE_DECIMAL:
        lt_buf_addf(out, "%s%u.%u", below(3) ? "" : "-", below(1000), below(digits) % 1000);
        break;
    case LT_TYPE_DATE:
        lt_buf_addf(out, "20%02u-%02u-%02u", below(100), 1 + below(12), 1 + below(28));
        break;
    case LT_TYPE_TIME:
        lt_buf_addf(out, "%02u:%02u:%02u.%u", below(24), below(60), below(60), below(100000));
        break;
    case LT_TYPE_TIMESTAMP:
    case LT_TYPE_TIMESTAMP_LTZ:
        lt_buf_addf(out, "19%02u-%02u-%02u %02u:%02u:%02u", below(100), 1 + below(12),
                    1 + below(28), below(24), below(60), below(60));
        if (below(2))
            lt_buf_addf(out, ".%03u", below(1000));
        if (below(2) && type->kind == LT_TYPE_TIMESTAMP_LTZ)
            lt_buf_addc(out, 'Z');
        break;
    case LT_TYPE_ARRAY: lt_buf_addf(out, "%u/%u", below(10), below(1000)); break;
    case LT_TYPE_BIGINT:
        lt_buf_addf(out, "%u", below(digits));
        if (below(8) == 0)
            lt_buf_addf(out, "%u", below(1u << 30));
        break;
    default:
        sample_word(sample, below(type->length < 40 ? type->length : 40));
        if (below(30) == 0 && type->length > 40)
            lt_buf_adds(out, "\xC3\xA4");
        break;
    }
}

/* What a clean file has none of, some of it good, some bad. */
static void sample_odd(struct sample *sample)
{
    static const char *const odd[] = {"",    " 1",  "+5",  "x",    "1.5e3", "n/a", "99999999999999",
                                      "\"",  "a\"", "\r",  "\xFF", "-",     "NaN", "2024-02-30",
                                      "1e5", "\n",  "\n\n"};
    char pair[3] = {sample->delimiter, sample->quote, 0};
    uint32_t which = below(LT_ARRAY_LEN(odd) + 4);
    if (which < LT_ARRAY_LEN(odd))
        lt_buf_adds(&sample->text, odd[which]);
    else if (which < LT_ARRAY_LEN(odd) + 3)
        lt_buf_add(&sample->text, pair + below(2), 1);
    else
        sample_word(sample, below(3) ? 200 : 40000);
}

static void sample_field(struct sample *sample, const struct lt_type *type)
{
    struct lt_buf *out = &sample->text;
    if (sample->dirt && below(sample->dirt) == 0)
        sample_odd(sample);
    if (!sample->quotes || below(3)) {
        sample_value(sample, type);
        return;
    }
    lt_buf_addc(out, sample->quote);
    sample_value(sample, type);
    if (lt_type_is_char(type) && below(3) == 0)
        lt_buf_addf(out, "%c%c", below(2) ? sample->quote : '\n',
                    below(2) ? sample->quote : sample->delimiter);
    lt_buf_addc(out, sample->quote);
}

static void sample_text(struct sample *sample)
{
    const struct lt_schema *physical = sample->table.physical;
    const char *eol = below(3) ? "\n" : "\r\n";
    uint32_t rows = below(4) ? below(60) : below(1500);
    for (uint32_t i = 0; sample->header && i < physical->len; i++)
        lt_buf_addf(&sample->text, "%.*s%c", LT_STR_ARG(physical->fields[i].name),
                    i + 1 < physical->len ? sample->delimiter : '\n');
    for (uint32_t row = 0; row < rows; row++) {
        for (uint32_t i = 0; i < physical->len; i++) {
            if (i)
                lt_buf_addc(&sample->text, sample->delimiter);
            sample_field(sample, physical->fields[i].type);
        }
        if (row + 1 < rows || below(2))
            lt_buf_adds(&sample->text, eol);
    }
}

static void sample_make(struct world *world, struct sample *sample)
{
    static const unsigned dirts[] = {0, 0, 0, 2000, 2000, 100, 100, 5};
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    struct column columns[COLUMNS_MAX];
    struct lt_buf options;
    uint32_t n = 1 + below(COLUMNS_MAX);
    *sample = (struct sample){.delimiter = below(4) ? ',' : '\t', .quote = below(4) ? '"' : '\''};
    sample->dirt = dirts[below(LT_ARRAY_LEN(dirts))];
    sample->quotes = below(3) == 0;
    sample->header = below(5) == 0;
    lt_buf_init(&options, &world->alloc);
    lt_buf_init(&sample->text, &world->alloc);
    lt_buf_addf(&options, "csv.array-element-delimiter=/\ncsv.quote-character=%c\n", sample->quote);
    lt_buf_addf(&options, "csv.field-delimiter=%s\n", sample->delimiter == ',' ? "," : "\\t");
    lt_buf_adds(&options, sample->header ? "csv.header=true\n" : "");
    lt_buf_adds(&options, below(2) ? "csv.ignore-parse-errors=true\n" : "");
    lt_buf_adds(&options, below(5) == 0 ? "csv.null-literal=n/a\n" : "");
    lt_buf_adds(&options, below(8) == 0 ? "csv.disable-quote-character=true\n" : "");
    lt_buf_adds(&options, below(12) == 0 ? "csv.escape-character=\\\\\n" : "");
    lt_buf_adds(&options, below(12) == 0 ? "csv.allow-comments=true\n" : "");
    for (uint32_t i = 0; i < n; i++)
        columns[i] = (struct column){names[i], sample_type(world)};
    struct lt_str text;
    assert_int_equal(lt_arena_str(&world->arena, lt_buf_str(&options), &text), LT_OK);
    lt_buf_close(&options);
    sample->table = table_make(world, columns, n, text.data);
    sample_text(sample);
    assert_int_equal(sample->text.status, LT_OK);
    uint32_t *wanted = LT_ARENA_ARRAY(&world->arena, uint32_t, n + 1), n_wanted = 0;
    for (uint32_t i = 0; i < n; i++)
        if (below(4))
            wanted[n_wanted++] = i;
    sample->request = (struct lt_scan_request){.n_columns = n_wanted, .columns = wanted};
}

/* ---- reading it --------------------------------------------------------- */

struct answer {
    lt_status status;
    uint64_t bad;
    struct lt_error err;
    struct lt_buf rows;
};

static void flush(struct lt_batch_builder *builder, struct lt_buf *rows)
{
    struct lt_batch batch;
    assert_int_equal(lt_builder_take(builder, &batch), LT_OK);
    batch_print(rows, &batch);
    lt_builder_release(builder, &batch);
}

/* Cut anywhere; what a piece leaves over comes again with the next. */
static void read_pieces(struct world *world, const struct sample *sample,
                        struct lt_decoder *decoder, struct lt_batch_builder *builder,
                        struct answer *out)
{
    size_t done = 0, end = 0, size = sample->text.len;
    const char *data = size ? sample->text.data : "";
    while (out->status == LT_OK && (done < size || end < size)) {
        size_t step = below(3) ? size : below(below(2) ? 300 : 5000);
        end = size - end < step ? size : end + step;
        struct lt_buffer *buffer = exact_buffer(data + done, end - done);
        size_t from = 0, used = 1;
        while (out->status == LT_OK && (used || builder->len == 0) && from <= buffer->size) {
            uint32_t room = builder->cap - builder->len, most = 1 + below(room);
            used = 0;
            out->status =
                lt_format_csv.decode(decoder, buffer, buffer->data + from, buffer->size - from,
                                     end == size, most, builder, &used, &world->err);
            from += used;
            bool full = builder->len == builder->cap;
            if (full || below(4) == 0)
                flush(builder, &out->rows);
            if (used == 0 && !full)
                break;
        }
        lt_buffer_unref(buffer);
        done += from;
        if (end == size && from == 0)
            break;
    }
    assert_true(out->status != LT_OK || done == size);
}

static void read_sample(struct world *world, const struct sample *sample, bool strict,
                        const struct lt_structural *level, struct answer *out)
{
    struct lt_schema schema = {.len = sample->request.n_columns};
    schema.fields = LT_ARENA_ARRAY(&world->arena, struct lt_field, schema.len + 1);
    for (uint32_t i = 0; i < schema.len; i++)
        schema.fields[i] = sample->table.physical->fields[sample->request.columns[i]];
    struct lt_decoder *decoder;
    struct lt_batch_builder builder;
    *out = (struct answer){0};
    lt_buf_init(&out->rows, &world->alloc);
    world->err = (struct lt_error){0};
    assert_int_equal(lt_format_csv.decoder_open(&world->env, &sample->table, &sample->request,
                                                &decoder, &world->err),
                     LT_OK);
    assert_int_equal(lt_csv_decoder_use(decoder, strict ? NULL : level), LT_OK);
    lt_format_csv.decoder_reset(decoder, LT_STR("f"));
    uint32_t cap = below(2) ? LT_BATCH_ROWS_MAX : 1 + below(100);
    assert_int_equal(lt_builder_open(&builder, world->pool, &schema, cap), LT_OK);
    read_pieces(world, sample, decoder, &builder, out);
    flush(&builder, &out->rows);
    out->bad = lt_format_csv.decoder_bad(decoder);
    out->err = world->err;
    lt_builder_close(&builder);
    lt_format_csv.decoder_close(decoder);
}

static void check_sample(struct world *world, const struct sample *sample, const char *name,
                         const struct answer *strict, const struct answer *fast)
{
    LT_UNUSED(world);
    bool same =
        strict->status == fast->status && strcmp(strict->err.message, fast->err.message) == 0;
    if (strict->status == LT_OK)
        same = same && strict->bad == fast->bad &&
               lt_str_equal(lt_buf_str(&strict->rows), lt_buf_str(&fast->rows));
    if (same)
        return;
    print_error("level %s reads this otherwise:\n%.*s\n", name, 3000, sample->text.data);
    print_error("strict: %d '%s' %llu bad; it: %d '%s' %llu bad\n", strict->status,
                strict->err.message, (unsigned long long)strict->bad, fast->status,
                fast->err.message, (unsigned long long)fast->bad);
    fail();
}

static void test_levels(void **state)
{
    (void)state;
    seed = 0x9E3779B97F4A7C15u;
    unsigned good = 0;
    for (int i = 0; i < 1500; i++) {
        struct world world;
        struct sample sample;
        struct answer strict, fast;
        world_open(&world);
        sample_make(&world, &sample);
        read_sample(&world, &sample, true, NULL, &strict);
        good += strict.status == LT_OK;
        for (unsigned k = 0; lt_structural_levels[k]; k++) {
            if (!lt_structural_levels[k]->usable())
                continue;
            read_sample(&world, &sample, false, lt_structural_levels[k], &fast);
            check_sample(&world, &sample, lt_structural_levels[k]->name, &strict, &fast);
            lt_buf_close(&fast.rows);
        }
        lt_buf_close(&strict.rows);
        lt_buf_close(&sample.text);
        world_close(&world);
    }
    assert_true(good > 500); /* else nothing much was compared */
}

/* ---- writing ------------------------------------------------------------ */

/* The batch's columns in another encoding each. */
static void reshape(struct world *world, struct lt_batch *batch, struct lt_column **columns)
{
    uint32_t rows[LT_BATCH_ROWS_MAX];
    bool constant = below(3) == 0;
    for (uint32_t i = 0; i < batch->len; i++)
        rows[i] = below(batch->len);
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        struct lt_column *col = batch->columns[i];
        if (constant && below(2)) {
            columns[i] = lt_column_new_constant(world->pool, col->type, batch->len);
            assert_non_null(columns[i]);
            assert_int_equal(lt_column_copy_cell(columns[i], 0, lt_column_cell(col, 0)), LT_OK);
        } else {
            assert_int_equal(
                lt_column_take(world->pool, col, rows, batch->len, below(2), &columns[i]), LT_OK);
        }
    }
    batch->columns = columns;
}

/* Written with limits and without, by all ways: the same text, or the same refusal. */
static void check_write(struct world *world, const struct sample *sample,
                        const struct lt_batch *batch)
{
    struct lt_buf out[2];
    lt_status status[2] = {LT_OK, LT_OK};
    for (int general = 0; general < 2; general++) {
        struct lt_encoder *encoder;
        uint16_t rows[LT_BATCH_ROWS_MAX];
        lt_buf_init(&out[general], &world->alloc);
        assert_int_equal(
            lt_format_csv.encoder_open(&world->env, &sample->table, false, &encoder, &world->err),
            LT_OK);
        if (general)
            lt_csv_encoder_general(encoder);
        for (uint32_t i = 0; i < batch->len; i++)
            rows[i] = (uint16_t)i;
        uint32_t done = 0;
        while (done < batch->len && status[general] == LT_OK) {
            uint32_t n = batch->len - done;
            size_t limit = below(2) ? SIZE_MAX : out[general].len + below(500);
            status[general] = lt_format_csv.encode(encoder, batch, rows + done, &n, limit,
                                                   &out[general], &world->err);
            done += n;
        }
        lt_format_csv.encoder_close(encoder);
    }
    assert_int_equal(status[0], status[1]);
    if (status[0] == LT_OK && !lt_str_equal(lt_buf_str(&out[0]), lt_buf_str(&out[1])))
        fail_msg("written otherwise:\n%.2000s\n---\n%.2000s", out[0].data, out[1].data);
    lt_buf_close(&out[0]);
    lt_buf_close(&out[1]);
}

static void test_writing(void **state)
{
    (void)state;
    seed = 88172645463325252u;
    for (int i = 0; i < 400; i++) {
        struct world world;
        struct sample sample;
        struct lt_batch_builder builder;
        struct lt_decoder *decoder;
        struct lt_batch batch;
        world_open(&world);
        sample_make(&world, &sample);
        sample.request = request_all(&world, &sample.table);
        assert_int_equal(lt_format_csv.decoder_open(&world.env, &sample.table, &sample.request,
                                                    &decoder, &world.err),
                         LT_OK);
        assert_int_equal(
            lt_builder_open(&builder, world.pool, sample.table.physical, LT_BATCH_ROWS_MAX), LT_OK);
        struct lt_buffer *buffer = exact_buffer(lt_buf_str(&sample.text).data, sample.text.len);
        size_t used;
        lt_status status = lt_format_csv.decode(decoder, buffer, buffer->data, buffer->size, true,
                                                LT_BATCH_ROWS_MAX, &builder, &used, &world.err);
        assert_int_equal(lt_builder_take(&builder, &batch), LT_OK);
        if (status == LT_OK && batch.len) {
            struct lt_column *columns[COLUMNS_MAX];
            struct lt_batch other = batch;
            check_write(&world, &sample, &batch);
            reshape(&world, &other, columns);
            check_write(&world, &sample, &other);
            for (uint32_t c = 0; c < other.n_columns; c++)
                lt_column_unref(columns[c]);
        }
        lt_builder_release(&builder, &batch);
        lt_builder_close(&builder);
        lt_buffer_unref(buffer);
        lt_format_csv.decoder_close(decoder);
        lt_buf_close(&sample.text);
        world_close(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels),
                                       cmocka_unit_test(test_writing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
