/* nexmark.c -- connector 'nexmark': the auction site as a table of events.
 *
 * One split whatever the parallelism; a row's position is its event number, so
 * reading can start anywhere. A batch is made column by column, only for the
 * ROW fields that are wanted, each field over just the rows of its kind:
 *
 *   event      0 1 2 3 4 5 ...
 *   kind       P A A A B B ...     rows of P: {0}, of A: {1 2 3}, of B: {4 5 ...}
 *   bid.price  . . . . x x         written for the rows of B alone
 *
 * A filter on event_type is applied here exactly, as a selection. */
#include "connectors/nexmark_model.h"
#include "connectors/option.h"
#include "connectors/registry.h"
#include "connectors/scan.h"

/* ---- the fields of the three ROWs ------------------------------------------ */

typedef int64_t nexmark_number(const struct lt_nexmark_config *config, struct lt_nexmark_place at);
typedef unsigned nexmark_index(const struct lt_nexmark_config *config, int64_t n);
typedef size_t nexmark_text(const struct lt_nexmark_config *config, int64_t n, char *out);

enum nexmark_dict {
    DICT_NONE,
    DICT_NAMES,
    DICT_CITIES,
    DICT_STATES,
    DICT_CHANNELS,
    DICT_URLS,
    DICT_COUNT
};
static const uint32_t dict_lens[DICT_COUNT] = {
    0,
    LT_NEXMARK_NAMES,
    LT_NEXMARK_CITIES,
    LT_NEXMARK_STATES,
    LT_NEXMARK_HOT_CHANNELS + LT_NEXMARK_CHANNELS,
    LT_NEXMARK_HOT_CHANNELS + LT_NEXMARK_CHANNELS,
};

struct nexmark_field {
    const char *name;
    enum lt_type_kind type;
    nexmark_number *number; /* BIGINT and TIMESTAMP */
    nexmark_index *index;   /* text out of a dictionary */
    enum nexmark_dict dict;
    nexmark_text *text; /* other text: at most `max` bytes, 0 = as `extra` */
    uint32_t max;
};

static int64_t number_time(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    return lt_nexmark_time(config, at.n);
}
static int64_t number_initial(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    return lt_nexmark_auction_initial(config, at.n);
}
static int64_t number_reserve(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    return lt_nexmark_auction_reserve(config, at.n);
}
static int64_t number_expires(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    return lt_nexmark_auction_expires(config, at.n);
}
static int64_t number_category(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    return lt_nexmark_auction_category(config, at.n);
}
static int64_t number_price(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    return lt_nexmark_bid_price(config, at.n);
}

#define NUMBER(fn) .type = LT_TYPE_BIGINT, .number = fn
#define TIME(fn) .type = LT_TYPE_TIMESTAMP, .number = fn
#define PICK(fn, from) .type = LT_TYPE_VARCHAR, .index = fn, .dict = from
#define TEXT(fn, most) .type = LT_TYPE_VARCHAR, .text = fn, .max = most

static const struct nexmark_field person_fields[] = {
    {"id", NUMBER(lt_nexmark_person_id)},
    {"name", PICK(lt_nexmark_person_name, DICT_NAMES)},
    {"emailAddress", TEXT(lt_nexmark_person_email, 32)},
    {"creditCard", TEXT(lt_nexmark_person_card, 19)},
    {"city", PICK(lt_nexmark_person_city, DICT_CITIES)},
    {"state", PICK(lt_nexmark_person_state, DICT_STATES)},
    {"dateTime", TIME(number_time)},
    {"extra", TEXT(lt_nexmark_person_extra, 0)},
    {0},
};
static const struct nexmark_field auction_fields[] = {
    {"id", NUMBER(lt_nexmark_auction_id)},
    {"itemName", TEXT(lt_nexmark_auction_item, 20)},
    {"description", TEXT(lt_nexmark_auction_text, 100)},
    {"initialBid", NUMBER(number_initial)},
    {"reserve", NUMBER(number_reserve)},
    {"dateTime", TIME(number_time)},
    {"expires", TIME(number_expires)},
    {"seller", NUMBER(lt_nexmark_auction_seller)},
    {"category", NUMBER(number_category)},
    {"extra", TEXT(lt_nexmark_auction_extra, 0)},
    {0},
};
static const struct nexmark_field bid_fields[] = {
    {"auction", NUMBER(lt_nexmark_bid_auction)},
    {"bidder", NUMBER(lt_nexmark_bid_bidder)},
    {"price", NUMBER(number_price)},
    {"channel", PICK(lt_nexmark_bid_channel, DICT_CHANNELS)},
    {"url", PICK(lt_nexmark_bid_channel, DICT_URLS)},
    {"dateTime", TIME(number_time)},
    {"extra", TEXT(lt_nexmark_bid_extra, 0)},
    {0},
};

static const struct nexmark_row {
    const char *name;
    const struct nexmark_field *fields;
} nexmark_rows[] = {{"person", person_fields}, {"auction", auction_fields}, {"bid", bid_fields}};

/* ---- the table and its options ---------------------------------------------- */

struct lt_source {
    struct lt_arena arena;
    struct lt_nexmark_config config;
    const struct lt_schema *physical;
    struct lt_scan_request request;
    int64_t end; /* number of events, INT64_MAX = without end */
    bool keep_alive;
    bool paced;     /* an event comes no earlier than its time */
    unsigned kinds; /* bit k: events of kind k are wanted */
};

static lt_status nexmark_sizes(const struct lt_connector_table *table,
                               struct lt_nexmark_config *config, struct lt_error *err)
{
    static const char *const keys[] = {"person.avg-size", "auction.avg-size", "bid.avg-size"};
    int64_t *const sizes[] = {&config->person_bytes, &config->auction_bytes, &config->bid_bytes};
    for (unsigned i = 0; i < 3; i++) {
        LT_TRY(lt_option_memory(table, keys[i], *sizes[i], sizes[i], err));
        if (*sizes[i] > 3072)
            return lt_fail(err, LT_INVALID, "option '%s' may be at most 3 kb", keys[i]);
    }
    return LT_OK;
}

static lt_status nexmark_times(const struct lt_connector_table *table, struct lt_source *source,
                               struct lt_error *err)
{
    struct lt_nexmark_config *config = &source->config;
    int64_t rate, next, end, stop;
    bool limited, max_speed;
    LT_TRY(lt_option_int(table, "first-event.rate", 10000, 1, 1000000000, &rate, err));
    LT_TRY(lt_option_int(table, "next-event.rate", rate, 1, 1000000000, &next, err));
    LT_TRY(lt_option_int(table, "events.num", 0, 0, INT64_MAX, &end, err));
    LT_TRY(lt_option_int(table, "stop-at", -1, -1, INT64_MAX, &stop, err));
    LT_TRY(lt_option_bool(table, "keep-alive", false, &source->keep_alive, err));
    LT_TRY(lt_option_bool(table, "rate.limited", false, &limited, err));
    LT_TRY(lt_option_bool(table, "max-emit-speed", true, &max_speed, err));
    config->delay_us = 1e6 / (double)rate;
    source->paced = limited || !max_speed;
    source->end = end ? end : INT64_MAX;
    if (stop >= 0 && stop < source->end)
        source->end = stop;
    const struct lt_option *base = lt_option_find(table, "base-time");
    if (base &&
        (!lt_text_to_timestamp(base->value, &config->base_us) || config->base_us % 1000 != 0))
        return lt_fail_at(err, LT_INVALID, base->pos,
                          "option 'base-time' is '%.*s'; it must be a timestamp such as "
                          "'2024-01-01 00:00:00'",
                          LT_STR_ARG(base->value));
    return LT_OK;
}

static lt_status nexmark_read_options(const struct lt_connector_table *table,
                                      struct lt_source *source, struct lt_error *err)
{
    static const char *const shapes[] = {"SQUARE", "SINE", NULL};
    struct lt_nexmark_config *config = &source->config;
    unsigned shape; /* published, and without effect there too */
    int64_t seed, period;
    lt_nexmark_config_init(config);
    LT_TRY(lt_option_int(table, "seed", 1, INT64_MIN, INT64_MAX, &seed, err));
    LT_TRY(lt_option_enum(table, "rate.shape", shapes, 0, &shape, err));
    LT_TRY(lt_option_duration(table, "rate.period", 600 * LT_US_PER_SECOND, &period, err));
    const int64_t most = 1000000;
    LT_TRY(lt_option_int(table, "person.proportion", 1, 1, most, &config->n_person, err));
    LT_TRY(lt_option_int(table, "auction.proportion", 3, 1, most, &config->n_auction, err));
    LT_TRY(lt_option_int(table, "bid.proportion", 46, 0, most, &config->n_bid, err));
    LT_TRY(lt_option_int(table, "bid.hot-ratio.auctions", 2, 1, most, &config->hot_auctions, err));
    LT_TRY(lt_option_int(table, "bid.hot-ratio.bidders", 4, 1, most, &config->hot_bidders, err));
    LT_TRY(
        lt_option_int(table, "auction.hot-ratio.sellers", 4, 1, most, &config->hot_sellers, err));
    LT_TRY(nexmark_sizes(table, config, err));
    LT_TRY(nexmark_times(table, source, err));
    config->seed = (uint64_t)seed;
    lt_nexmark_config_done(config);
    return LT_OK;
}

static const struct nexmark_field *nexmark_find(const struct nexmark_row *row, struct lt_str name)
{
    for (const struct nexmark_field *field = row->fields; field->name; field++) {
        if (lt_str_equal(lt_str_of(field->name), name))
            return field;
    }
    return NULL;
}

static const struct nexmark_row *nexmark_find_row(struct lt_str name)
{
    for (size_t i = 0; i < LT_ARRAY_LEN(nexmark_rows); i++) {
        if (lt_str_equal(lt_str_of(nexmark_rows[i].name), name))
            return &nexmark_rows[i];
    }
    return NULL;
}

static lt_status nexmark_check_row(const struct lt_field *column, const struct nexmark_row *row,
                                   struct lt_error *err)
{
    if (column->type->kind != LT_TYPE_ROW || !column->type->nullable)
        return lt_fail(err, LT_INVALID, "nexmark: column '%s' must be a nullable ROW<...>",
                       row->name);
    for (uint32_t i = 0; i < column->type->n_children; i++) {
        struct lt_str name = column->type->names[i];
        const struct lt_type *type = column->type->children[i];
        const struct nexmark_field *field = nexmark_find(row, name);
        if (!field)
            return lt_fail(err, LT_INVALID, "nexmark: there is no field '%.*s' in '%s'",
                           LT_STR_ARG(name), row->name);
        bool fits = type->kind == field->type ||
                    (field->type == LT_TYPE_TIMESTAMP && type->kind == LT_TYPE_TIMESTAMP_LTZ);
        if (field->type == LT_TYPE_VARCHAR && type->length != LT_LENGTH_MAX)
            fits = false;
        if (!fits)
            return lt_fail(err, LT_INVALID, "nexmark: field '%s.%s' must be %s", row->name,
                           field->name,
                           field->type == LT_TYPE_BIGINT    ? "BIGINT"
                           : field->type == LT_TYPE_VARCHAR ? "STRING"
                                                            : "TIMESTAMP(3)");
    }
    return LT_OK;
}

static lt_status nexmark_check_schema(const struct lt_schema *physical, struct lt_error *err)
{
    for (uint32_t i = 0; i < physical->len; i++) {
        const struct lt_field *column = &physical->fields[i];
        const struct nexmark_row *row = nexmark_find_row(column->name);
        if (row)
            LT_TRY(nexmark_check_row(column, row, err));
        else if (!lt_str_equal(column->name, LT_STR("event_type")))
            return lt_fail(err, LT_INVALID,
                           "nexmark: there is no column '%.*s'; there are event_type INT, and "
                           "person, auction and bid, which are ROWs",
                           LT_STR_ARG(column->name));
        else if (column->type->kind != LT_TYPE_INT)
            return lt_fail(err, LT_INVALID, "nexmark: column 'event_type' must be INT");
    }
    return LT_OK;
}

static lt_status nexmark_check(const struct lt_connector_table *table,
                               const struct lt_connector_registry *registry,
                               struct lt_source_info *info, struct lt_error *err)
{
    struct lt_source probe = {0};
    LT_TRY(lt_option_check(table, &lt_connector_nexmark, registry, err));
    LT_TRY(nexmark_read_options(table, &probe, err));
    LT_TRY(nexmark_check_schema(table->physical, err));
    *info = (struct lt_source_info){
        .bounded = probe.end != INT64_MAX && !probe.keep_alive,
        .append_only = true,
        .in_order = true,
        .own_watermark = true,
    };
    return LT_OK;
}

/* ---- source ------------------------------------------------------------- */

static void nexmark_close(struct lt_source *source)
{
    if (!source)
        return;
    struct lt_alloc *alloc = source->arena.alloc;
    lt_arena_close(&source->arena);
    lt_alloc_put(alloc, source, sizeof(*source));
}

/* Takes the filters on event_type, which decide about whole kinds of events. */
static lt_status nexmark_filters(struct lt_source *source, struct lt_pool *pool,
                                 struct lt_scan_request *request)
{
    struct lt_column *kind = lt_column_new(pool, &lt_type_int, 3);
    if (!kind)
        return LT_NOMEM;
    for (int32_t k = 0; k < 3; k++)
        ((int32_t *)kind->values)[k] = k;
    for (uint32_t i = 0; i < request->n_filters; i++) {
        struct lt_filter *filter = &request->filters[i];
        struct lt_str name = source->physical->fields[filter->column].name;
        if (!lt_str_equal(name, LT_STR("event_type")) ||
            (filter->constant && filter->constant->type->kind != LT_TYPE_INT))
            continue;
        for (unsigned k = 0; k < 3; k++) {
            if (!lt_filter_holds(filter, lt_column_cell(kind, k)))
                source->kinds &= ~(1u << k);
        }
        filter->applied = true;
    }
    lt_column_unref(kind);
    return LT_OK;
}

static lt_status nexmark_open(const struct lt_connector_env *env,
                              const struct lt_connector_table *table,
                              struct lt_scan_request *request, struct lt_source **out,
                              struct lt_error *err)
{
    struct lt_source *source = lt_alloc_zero(env->alloc, sizeof(*source));
    if (!source)
        return LT_NOMEM;
    lt_arena_init(&source->arena, env->alloc);
    source->physical = table->physical;
    source->kinds = 7;
    lt_status status = nexmark_read_options(table, source, err);
    if (status == LT_OK)
        status = nexmark_check_schema(table->physical, err);
    if (status == LT_OK)
        status = lt_scan_copy(&source->arena, table->physical, request, &source->request);
    if (status == LT_OK)
        status = nexmark_filters(source, env->pool, request);
    if (status != LT_OK) {
        nexmark_close(source);
        return status;
    }
    *out = source;
    return LT_OK;
}

static lt_status nexmark_splits(struct lt_source *source, struct lt_split_list *splits,
                                struct lt_error *err)
{
    LT_UNUSED(source);
    LT_UNUSED(err);
    return lt_split_add(splits, LT_STR("events"));
}

/* ---- reader ------------------------------------------------------------- */

struct lt_reader {
    struct lt_alloc *alloc;
    struct lt_pool *pool;
    const struct lt_clock *clock;
    const struct lt_source *source;
    struct lt_nexmark_place next;
    int64_t start; /* first event read, and the clock then: for pacing */
    int64_t start_us;
    struct lt_column *dicts[DICT_COUNT]; /* made when first wanted */
    uint32_t n_columns;
    struct lt_column **columns; /* of the batch handed out last */
    /* The batch being made. */
    int64_t first;
    uint32_t len;
    uint32_t n_rows[3];
    uint16_t rows[3][LT_BATCH_ROWS_MAX]; /* rows of each kind */
    uint16_t sel[LT_BATCH_ROWS_MAX];
    int64_t cycle[LT_BATCH_ROWS_MAX];
    int64_t rem[LT_BATCH_ROWS_MAX];
};

static void nexmark_drop(struct lt_reader *reader)
{
    for (uint32_t i = 0; i < reader->n_columns; i++) {
        lt_column_unref(reader->columns[i]);
        reader->columns[i] = NULL;
    }
}

static void nexmark_reader_close(struct lt_reader *reader)
{
    if (!reader)
        return;
    if (reader->columns)
        nexmark_drop(reader);
    for (unsigned i = 0; i < DICT_COUNT; i++)
        lt_column_unref(reader->dicts[i]);
    lt_alloc_put(reader->alloc, reader->columns,
                 (reader->n_columns + 1) * sizeof(*reader->columns));
    lt_alloc_put(reader->alloc, reader, sizeof(*reader));
}

static lt_status nexmark_reader_open(struct lt_source *source, struct lt_str split,
                                     int64_t position, const struct lt_connector_env *env,
                                     struct lt_reader **out, struct lt_error *err)
{
    LT_UNUSED(split);
    if (position < 0)
        return lt_fail(err, LT_INVALID, "nexmark: there is no event %lld", (long long)position);
    struct lt_reader *reader = lt_alloc_zero(env->alloc, sizeof(*reader));
    if (!reader)
        return LT_NOMEM;
    reader->alloc = env->alloc;
    reader->pool = env->pool;
    reader->clock = env->clock;
    reader->source = source;
    reader->next = lt_nexmark_at(&source->config, position);
    reader->start = position;
    reader->start_us = env->clock ? env->clock->now_us(env->clock->ctx) : 0;
    reader->columns =
        lt_alloc_zero(env->alloc, (source->request.n_columns + 1) * sizeof(*reader->columns));
    if (!reader->columns) {
        lt_alloc_put(env->alloc, reader, sizeof(*reader));
        return LT_NOMEM;
    }
    reader->n_columns = source->request.n_columns;
    *out = reader;
    return LT_OK;
}

static size_t dict_text(const struct lt_nexmark_config *config, enum nexmark_dict dict, uint32_t i,
                        char *out)
{
    struct lt_str text;
    switch (dict) {
    case DICT_NAMES: return lt_nexmark_name_text(i, out);
    case DICT_CHANNELS: return lt_nexmark_channel_text(i, out);
    case DICT_URLS: return lt_nexmark_channel_url(config, i, out);
    case DICT_CITIES: text = lt_nexmark_city_text(i); break;
    default: text = lt_nexmark_state_text(i); break;
    }
    memcpy(out, text.data, text.len);
    return text.len;
}

static lt_status nexmark_dict(struct lt_reader *reader, enum nexmark_dict dict)
{
    if (reader->dicts[dict])
        return LT_OK;
    struct lt_column *col = lt_column_new(reader->pool, &lt_type_string, dict_lens[dict]);
    if (!col)
        return LT_NOMEM;
    char text[LT_NEXMARK_URL_MAX];
    for (uint32_t i = 0; i < dict_lens[dict]; i++) {
        size_t len = dict_text(&reader->source->config, dict, i, text);
        lt_status status = lt_column_put_str(col, i, (struct lt_str){text, len});
        if (status != LT_OK) {
            lt_column_unref(col);
            return status;
        }
    }
    reader->dicts[dict] = col;
    return LT_OK;
}

static lt_status fill_dict(struct lt_reader *reader, const struct nexmark_field *field,
                           struct lt_column *col, const uint16_t *rows, uint32_t n)
{
    LT_TRY(nexmark_dict(reader, field->dict));
    LT_TRY(lt_column_hold_from(col, reader->dicts[field->dict]));
    const struct lt_sv *from = reader->dicts[field->dict]->values;
    struct lt_sv *to = col->values;
    for (uint32_t i = 0; i < n; i++)
        to[rows[i]] = from[field->index(&reader->source->config, reader->first + rows[i])];
    return LT_OK;
}

static uint32_t extra_max(const struct lt_nexmark_config *config)
{
    int64_t most = config->person_bytes;
    most = config->auction_bytes > most ? config->auction_bytes : most;
    most = config->bid_bytes > most ? config->bid_bytes : most;
    return (uint32_t)(most + most / 5 + 2);
}

static lt_status fill_text(struct lt_reader *reader, const struct nexmark_field *field,
                           struct lt_column *col, const uint16_t *rows, uint32_t n)
{
    const struct lt_nexmark_config *config = &reader->source->config;
    size_t max = field->max ? field->max : extra_max(config);
    char *at = lt_column_heap(col, n * max + 8); /* makers write up to 7 bytes too far */
    if (!at)
        return LT_NOMEM;
    struct lt_sv *to = col->values;
    for (uint32_t i = 0; i < n; i++) {
        size_t len = field->text(config, reader->first + rows[i], at);
        to[rows[i]] = lt_sv_of(at, (uint32_t)len);
        at += len;
    }
    return LT_OK;
}

static void fill_number(const struct lt_reader *reader, const struct nexmark_field *field,
                        struct lt_column *col, const uint16_t *rows, uint32_t n)
{
    int64_t *to = col->values;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = rows[i];
        struct lt_nexmark_place at = {reader->first + row, reader->cycle[row], reader->rem[row]};
        to[row] = field->number(&reader->source->config, at);
    }
}

static lt_status fill_row(struct lt_reader *reader, uint32_t column, unsigned kind,
                          struct lt_column *col)
{
    const uint16_t *rows = reader->rows[kind];
    uint32_t n = reader->n_rows[kind];
    LT_TRY(lt_column_own_validity(col));
    memset(col->validity, 0, (reader->len + 63) / 64 * sizeof(uint64_t));
    for (uint32_t i = 0; i < n; i++)
        col->validity[rows[i] / 64] |= 1ull << (rows[i] % 64);
    for (uint32_t i = 0; i < col->type->n_children && n; i++) {
        if (!lt_scan_wants(&reader->source->request, column, i))
            continue;
        const struct nexmark_field *field = nexmark_find(&nexmark_rows[kind], col->type->names[i]);
        struct lt_column *child = col->children[i];
        if (field->number)
            fill_number(reader, field, child, rows, n);
        else if (field->index)
            LT_TRY(fill_dict(reader, field, child, rows, n));
        else
            LT_TRY(fill_text(reader, field, child, rows, n));
    }
    return LT_OK;
}

/* Places, rows per kind, and the selection of the next `len` events. */
static uint32_t nexmark_place_rows(struct lt_reader *reader, uint32_t len)
{
    const struct lt_nexmark_config *config = &reader->source->config;
    unsigned kinds = reader->source->kinds;
    uint32_t n_sel = 0;
    reader->first = reader->next.n;
    reader->len = len;
    reader->n_rows[0] = reader->n_rows[1] = reader->n_rows[2] = 0;
    for (uint32_t row = 0; row < len; row++) {
        unsigned kind = lt_nexmark_kind(config, reader->next);
        reader->cycle[row] = reader->next.cycle;
        reader->rem[row] = reader->next.rem;
        if (kinds >> kind & 1) {
            reader->rows[kind][reader->n_rows[kind]++] = (uint16_t)row;
            reader->sel[n_sel++] = (uint16_t)row;
        }
        lt_nexmark_next(config, &reader->next);
    }
    return n_sel;
}

static lt_status nexmark_column(struct lt_reader *reader, uint32_t i)
{
    const struct lt_source *source = reader->source;
    const struct lt_field *field = &source->physical->fields[source->request.columns[i]];
    struct lt_column *col = lt_column_new(reader->pool, field->type, reader->len);
    if (!col)
        return LT_NOMEM;
    reader->columns[i] = col;
    const struct nexmark_row *row = nexmark_find_row(field->name);
    if (row)
        return fill_row(reader, i, (unsigned)(row - nexmark_rows), col);
    int32_t *types = col->values;
    for (unsigned kind = 1; kind < 3; kind++) {
        for (uint32_t j = 0; j < reader->n_rows[kind]; j++)
            types[reader->rows[kind][j]] = (int32_t)kind;
    }
    return LT_OK;
}

/* How many events may come now; 0 sets *wait_us. */
static int64_t nexmark_due(const struct lt_reader *reader, int64_t now_us, int64_t *wait_us)
{
    const struct lt_source *source = reader->source;
    int64_t left = source->end - reader->next.n;
    if (!source->paced || left <= 0)
        return left;
    int64_t elapsed_us = now_us - reader->start_us;
    int64_t due = reader->start + (int64_t)((double)elapsed_us / source->config.delay_us) + 1;
    if (due > reader->next.n)
        return due - reader->next.n < left ? due - reader->next.n : left;
    double at_us = (double)(reader->next.n - reader->start) * source->config.delay_us;
    int64_t wait = (int64_t)at_us + 1 - elapsed_us;
    *wait_us = wait > 1 ? wait : 1;
    return 0;
}

static lt_status nexmark_poll(struct lt_reader *reader, uint32_t max_rows, struct lt_polled *out,
                              struct lt_error *err)
{
    LT_UNUSED(err);
    const struct lt_source *source = reader->source;
    nexmark_drop(reader);
    int64_t now_us = reader->clock ? reader->clock->now_us(reader->clock->ctx) : 0;
    *out = (struct lt_polled){.poll = LT_POLL_ROWS, .wait_fd = -1, .wait_us = INT64_MAX};
    int64_t due = nexmark_due(reader, now_us, &out->wait_us);
    if (due > 0) {
        uint32_t len = due < max_rows ? (uint32_t)due : max_rows;
        uint32_t n_sel = nexmark_place_rows(reader, len);
        for (uint32_t i = 0; i < reader->n_columns; i++) {
            lt_status status = nexmark_column(reader, i);
            if (status != LT_OK) { /* the rows stay unread */
                nexmark_drop(reader);
                reader->next = lt_nexmark_at(&source->config, reader->first);
                return status;
            }
        }
        out->batch = (struct lt_batch){
            .len = len,
            .n_sel = n_sel,
            .sel = n_sel == len ? NULL : reader->sel,
            .n_columns = reader->n_columns,
            .columns = reader->columns,
            .first_position = reader->first,
            .proctime_us = now_us,
        };
    } else {
        bool end = reader->next.n >= source->end && !source->keep_alive;
        out->poll = end ? LT_POLL_END : LT_POLL_IDLE;
    }
    out->next_position = reader->next.n;
    /* Times never go back, so nothing at or before this comes any more. */
    out->source_watermark_us = lt_nexmark_time(&source->config, reader->next.n) - 1;
    return LT_OK;
}

static const char *const nexmark_options[] = {
    "first-event.rate",
    "next-event.rate",
    "events.num",
    "person.proportion",
    "auction.proportion",
    "bid.proportion",
    "person.avg-size",
    "auction.avg-size",
    "bid.avg-size",
    "bid.hot-ratio.auctions",
    "bid.hot-ratio.bidders",
    "auction.hot-ratio.sellers",
    "rate.shape",
    "rate.period",
    "rate.limited",
    "keep-alive",
    "stop-at",
    "max-emit-speed",
    "base-time",
    "seed",
    NULL,
};

const struct lt_connector lt_connector_nexmark = {
    .name = "nexmark",
    .doc = "The Nexmark benchmark's generator of persons, auctions and bids",
    .options = nexmark_options,
    .source_check = nexmark_check,
    .source_open = nexmark_open,
    .source_splits = nexmark_splits,
    .reader_open = nexmark_reader_open,
    .reader_poll = nexmark_poll,
    .reader_close = nexmark_reader_close,
    .source_close = nexmark_close,
};
