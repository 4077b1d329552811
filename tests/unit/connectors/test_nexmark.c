/* test_nexmark.c -- the generator: the published facts, repeatability, seeking, pruning. */
#include "tests/unit/connectors/support.h"

#include "connectors/nexmark_model.h"

static int setup(void **state)
{
    struct world *world = malloc(sizeof(*world));
    world_open(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

/* ---- the model ------------------------------------------------------------ */

static void test_proportions_ids_times(void **state)
{
    LT_UNUSED(state);
    struct lt_nexmark_config config;
    lt_nexmark_config_init(&config);
    config.delay_us = 1e6 / 1000;
    int64_t person = 1000, auction = 1000;
    struct lt_nexmark_place at = lt_nexmark_at(&config, 0);
    for (int64_t n = 0; n < 100000; n++, lt_nexmark_next(&config, &at)) {
        enum lt_nexmark_kind kind = lt_nexmark_kind(&config, at);
        int64_t rem = n % 50;
        assert_int_equal(kind, rem == 0  ? LT_NEXMARK_PERSON
                               : rem < 4 ? LT_NEXMARK_AUCTION
                                         : LT_NEXMARK_BID);
        if (kind == LT_NEXMARK_PERSON)
            assert_int_equal(lt_nexmark_person_id(&config, at), person++);
        if (kind == LT_NEXMARK_AUCTION)
            assert_int_equal(lt_nexmark_auction_id(&config, at), auction++);
        assert_int_equal(lt_nexmark_time(&config, n), config.base_us + n * 1000);
    }
    config.delay_us = 1e6 / 10000; /* 100 us: ten events a millisecond */
    for (int64_t n = 0; n < 1000; n++)
        assert_int_equal(lt_nexmark_time(&config, n), config.base_us + n / 10 * 1000);
    assert_int_equal(config.base_us, INT64_C(1704067200000000));
}

static void test_auction_draws(void **state)
{
    LT_UNUSED(state);
    struct lt_nexmark_config config;
    lt_nexmark_config_init(&config);
    static struct lt_nexmark_event event;
    double size = 0, hot = 0, auctions = 0, length_ms = 0;
    for (int64_t n = 0; n < 200000; n++) {
        struct lt_nexmark_place at = lt_nexmark_at(&config, n);
        if (lt_nexmark_kind(&config, at) != LT_NEXMARK_AUCTION)
            continue;
        lt_nexmark_event(&config, n, &event);
        auctions++;
        int64_t last = lt_nexmark_last_person(&config, at);
        hot += event.seller == 1000 + last / 100 * 100;
        assert_in_range(event.seller, 1000, 1000 + last + 10);
        assert_in_range(event.category, 10, 14);
        assert_in_range(event.initial, 100, 100000000);
        assert_in_range(event.reserve - event.initial, 100, 100000000);
        assert_in_range(event.text[0].len, 0, 19);
        assert_in_range(event.text[1].len, 0, 99);
        assert_true(event.expires_us >= event.time_us + 1000);
        length_ms += (double)(event.expires_us - event.time_us) / 1000;
        size += 48 + (double)(event.text[0].len + event.text[1].len + event.extra.len);
    }
    assert_int_equal(auctions, 12000);
    assert_true(hot / auctions > 0.74 && hot / auctions < 0.77);
    assert_true(size / auctions > 490 && size / auctions < 505);
    /* The horizon is 1,666 events ahead: 166 ms; lengths are uniform up to twice that. */
    assert_true(length_ms / auctions > 160 && length_ms / auctions < 174);
}

static void test_bid_draws(void **state)
{
    LT_UNUSED(state);
    struct lt_nexmark_config config;
    lt_nexmark_config_init(&config);
    static struct lt_nexmark_event event;
    double bids = 0, hot_auction = 0, hot_bidder = 0, hot_channel = 0, linked = 0, cheap = 0;
    double size = 0;
    for (int64_t n = 0; n < 200000; n++) {
        struct lt_nexmark_place at = lt_nexmark_at(&config, n);
        if (lt_nexmark_kind(&config, at) != LT_NEXMARK_BID)
            continue;
        lt_nexmark_event(&config, n, &event);
        bids++;
        int64_t auction = lt_nexmark_last_auction(&config, at);
        int64_t person = lt_nexmark_last_person(&config, at);
        hot_auction += event.auction == 1000 + auction / 100 * 100;
        hot_bidder += event.bidder == 2000 + person / 100 * 100 + 1; /* shifted, as published */
        assert_in_range(event.auction, 1000, 1000 + auction + 10);
        assert_in_range(event.bidder, 2000, 2000 + person + 10);
        assert_in_range(event.price, 100, 100000000);
        cheap += event.price < 100000; /* half of 10^(2..8), evenly in the exponent */
        event.text[1].data[event.text[1].len] = 0;
        assert_int_equal(strncmp(event.text[1].data, "https://www.nexmark.com/", 24), 0);
        assert_non_null(strstr(event.text[1].data, "/item.htm?query=1"));
        bool hot = lt_nexmark_bid_channel(&config, n) < LT_NEXMARK_HOT_CHANNELS;
        hot_channel += hot;
        linked += !hot && strstr(event.text[1].data, "&channel_id=");
        assert_true(!hot || !strstr(event.text[1].data, "channel_id"));
        size += 32 + (double)event.extra.len;
    }
    assert_int_equal(bids, 184000);
    assert_true(hot_auction / bids > 0.495 && hot_auction / bids < 0.52);
    assert_true(hot_bidder / bids > 0.745 && hot_bidder / bids < 0.76);
    assert_true(hot_channel / bids > 0.495 && hot_channel / bids < 0.505);
    assert_true(linked / (bids - hot_channel) > 0.88 && linked / (bids - hot_channel) < 0.92);
    assert_true(cheap / bids > 0.495 && cheap / bids < 0.505);
    assert_true(size / bids > 99 && size / bids < 101);
}

static void test_people(void **state)
{
    LT_UNUSED(state);
    struct lt_nexmark_config config;
    lt_nexmark_config_init(&config);
    static struct lt_nexmark_event event;
    double size = 0;
    int oregon = 0;
    for (int64_t n = 0; n < 500000; n += 50) {
        lt_nexmark_event(&config, n, &event);
        assert_int_equal(event.kind, LT_NEXMARK_PERSON);
        assert_non_null(memchr(event.text[0].data, ' ', event.text[0].len));
        assert_non_null(memchr(event.text[1].data, '@', event.text[1].len));
        assert_int_equal(event.text[2].len, 19);
        assert_int_equal(event.text[4].len, 2);
        oregon += memcmp(event.text[4].data, "OR", 2) == 0;
        size += 8 + (double)event.extra.len;
        for (int i = 0; i < 5; i++)
            size += (double)event.text[i].len;
    }
    assert_true(size / 10000 > 197 && size / 10000 < 202);
    assert_in_range(oregon, 1500, 1850);
}

/* java: Math.abs(Integer.reverse(i)) */
static void test_channel_ids(void **state)
{
    LT_UNUSED(state);
    struct lt_nexmark_config config;
    lt_nexmark_config_init(&config);
    static const struct {
        unsigned channel;
        const char *id;
    } cases[] = {{0, "0"}, {1, "-2147483648"}, {2, "1073741824"}, {3, "1073741824"}};
    for (size_t i = 0; i < LT_ARRAY_LEN(cases); i++) {
        char url[LT_NEXMARK_URL_MAX];
        bool found = false;
        for (uint64_t seed = 0; seed < 40 && !found; seed++) {
            config.seed = seed; /* one in ten has no id */
            size_t len = lt_nexmark_channel_url(&config, cases[i].channel + 4, url);
            url[len] = 0;
            const char *id = strstr(url, "channel_id=");
            found = id != NULL;
            if (id)
                assert_string_equal(id + 11, cases[i].id);
        }
        assert_true(found);
    }
}

/* ---- the connector -------------------------------------------------------- */

static struct lt_connector_table datagen(struct world *world, const char *options)
{
    struct lt_arena *arena = &world->arena;
    static const char *const names[3][10] = {
        {"id", "name", "emailAddress", "creditCard", "city", "state", "dateTime", "extra"},
        {"id", "itemName", "description", "initialBid", "reserve", "dateTime", "expires", "seller",
         "category", "extra"},
        {"auction", "bidder", "price", "channel", "url", "dateTime", "extra"}};
    static const char kinds[3][11] = {"isssssts", "issiittiis",
                                      "iiisst"
                                      "s"};
    static const char *const rows[] = {"person", "auction", "bid"};
    struct column columns[4] = {{"event_type", &lt_type_int}};
    for (int r = 0; r < 3; r++) {
        const struct lt_type *types[10];
        struct lt_str labels[10];
        uint32_t n = 0;
        for (; kinds[r][n]; n++) {
            labels[n] = lt_str_of(names[r][n]);
            types[n] = kinds[r][n] == 'i'   ? &lt_type_bigint
                       : kinds[r][n] == 's' ? &lt_type_string
                                            : &lt_type_timestamp3;
        }
        columns[r + 1] = (struct column){rows[r], lt_type_row(arena, n, types, labels)};
    }
    return table_make(world, columns, 4, options);
}

/* Reads events [position, ...) in batches of `max_rows` and prints them. */
static lt_status read_events(struct world *world, const struct lt_connector_table *table,
                             struct lt_scan_request *request, int64_t position, uint32_t max_rows,
                             struct lt_buf *out)
{
    const struct lt_connector *nexmark = &lt_connector_nexmark;
    struct lt_source *source;
    struct lt_reader *reader;
    LT_TRY(nexmark->source_open(&world->env, table, request, &source, &world->err));
    lt_status status =
        nexmark->reader_open(source, LT_STR("events"), position, &world->env, &reader, &world->err);
    struct lt_polled polled = {0};
    while (status == LT_OK && polled.poll != LT_POLL_END) {
        status = nexmark->reader_poll(reader, max_rows, &polled, &world->err);
        if (status != LT_OK || polled.poll != LT_POLL_ROWS)
            continue;
        assert_int_equal(polled.batch.first_position, position);
        position += polled.batch.len;
        assert_int_equal(polled.next_position, position);
        batch_print(out, &polled.batch);
    }
    if (reader)
        nexmark->reader_close(reader);
    nexmark->source_close(source);
    return status;
}

static void print_text(struct lt_buf *out, const struct lt_nexmark_text *text)
{
    lt_buf_adds(out, ", ");
    lt_buf_add(out, text->data, text->len);
}

static void print_number(struct lt_buf *out, int64_t value)
{
    lt_buf_addf(out, ", %lld", (long long)value);
}

static void print_time(struct lt_buf *out, int64_t us)
{
    struct lt_civil t;
    lt_civil_from_us(us, &t);
    lt_buf_addf(out, ", %04d-%02d-%02d %02d:%02d:%02d.%03u", t.year, t.month, t.day, t.hour,
                t.minute, t.second, t.us / 1000);
}

/* The row as the model alone says it. */
static void print_event(struct lt_buf *out, const struct lt_nexmark_config *config, int64_t n)
{
    static struct lt_nexmark_event e;
    lt_nexmark_event(config, n, &e);
    lt_buf_addf(out, "%d|%s", (int)e.kind, e.kind == LT_NEXMARK_PERSON ? "(" : "NULL|");
    switch (e.kind) {
    case LT_NEXMARK_PERSON:
        lt_buf_addf(out, "%lld", (long long)e.id);
        for (int i = 0; i < 5; i++)
            print_text(out, &e.text[i]);
        print_time(out, e.time_us);
        print_text(out, &e.extra);
        lt_buf_adds(out, ")|NULL|NULL\n");
        break;
    case LT_NEXMARK_AUCTION:
        lt_buf_addf(out, "(%lld", (long long)e.id);
        print_text(out, &e.text[0]);
        print_text(out, &e.text[1]);
        print_number(out, e.initial);
        print_number(out, e.reserve);
        print_time(out, e.time_us);
        print_time(out, e.expires_us);
        print_number(out, e.seller);
        print_number(out, e.category);
        print_text(out, &e.extra);
        lt_buf_adds(out, ")|NULL\n");
        break;
    case LT_NEXMARK_BID:
        lt_buf_addf(out, "NULL|(%lld", (long long)e.auction);
        print_number(out, e.bidder);
        print_number(out, e.price);
        print_text(out, &e.text[0]);
        print_text(out, &e.text[1]);
        print_time(out, e.time_us);
        print_text(out, &e.extra);
        lt_buf_adds(out, ")\n");
        break;
    }
}

static void test_rows_are_the_model(void **state)
{
    struct world *world = *state;
    struct lt_connector_table table = datagen(world, "events.num=3000\nfirst-event.rate=1000");
    struct lt_scan_request all = request_all(world, &table);
    struct lt_nexmark_config config;
    lt_nexmark_config_init(&config);
    config.delay_us = 1000;
    for (int64_t position = 0; position <= 3000; position += 1000) {
        struct lt_buf got, want;
        lt_buf_init(&got, &world->alloc);
        lt_buf_init(&want, &world->alloc);
        for (int64_t n = position; n < 3000; n++)
            print_event(&want, &config, n);
        uint32_t max_rows = position == 1000 ? 7 : LT_BATCH_ROWS_MAX;
        assert_int_equal(read_events(world, &table, &all, position, max_rows, &got), LT_OK);
        assert_string_equal(lt_buf_str(&got).data, lt_buf_str(&want).data);
        lt_buf_close(&got);
        lt_buf_close(&want);
    }
}

static void test_filter_and_pruning(void **state)
{
    struct world *world = *state;
    struct lt_connector_table table = datagen(world, "events.num=200");
    struct lt_column *two = lt_column_new(world->pool, &lt_type_int, 1);
    *(int32_t *)two->values = 2;
    struct lt_filter filter = {.column = 0, .op = LT_CMP_EQ, .constant = two};
    uint32_t columns[] = {3};
    const uint64_t price[] = {4};
    const uint64_t *fields[] = {price};
    struct lt_scan_request request = {
        .n_columns = 1, .columns = columns, .fields = fields, .n_filters = 1, .filters = &filter};
    struct lt_nexmark_config config;
    lt_nexmark_config_init(&config);
    struct lt_buf got, want;
    lt_buf_init(&got, &world->alloc);
    lt_buf_init(&want, &world->alloc);
    for (int64_t n = 0; n < 200; n++) {
        if (lt_nexmark_kind(&config, lt_nexmark_at(&config, n)) == LT_NEXMARK_BID)
            lt_buf_addf(&want, "(0, 0, %lld, , , 1970-01-01 00:00:00.000, )\n",
                        (long long)lt_nexmark_bid_price(&config, n));
    }
    assert_int_equal(read_events(world, &table, &request, 0, 64, &got), LT_OK);
    assert_true(filter.applied);
    assert_string_equal(lt_buf_str(&got).data, lt_buf_str(&want).data);
    lt_column_unref(two);
    lt_buf_close(&got);
    lt_buf_close(&want);
}

static void test_pacing(void **state)
{
    struct world *world = *state;
    struct lt_connector_table table = datagen(world, "first-event.rate=1000\nmax-emit-speed=false");
    struct lt_source_info info;
    const struct lt_connector *nexmark = &lt_connector_nexmark;
    assert_int_equal(nexmark->source_check(&table, &lt_builtin_registry, &info, &world->err),
                     LT_OK);
    assert_false(info.bounded);
    struct lt_scan_request all = request_all(world, &table);
    struct lt_source *source;
    struct lt_reader *reader;
    struct lt_polled polled;
    assert_int_equal(nexmark->source_open(&world->env, &table, &all, &source, &world->err), LT_OK);
    assert_int_equal(
        nexmark->reader_open(source, LT_STR("events"), 0, &world->env, &reader, &world->err),
        LT_OK);
    assert_int_equal(nexmark->reader_poll(reader, 2048, &polled, &world->err), LT_OK);
    assert_int_equal(polled.batch.len, 1);
    assert_int_equal(nexmark->reader_poll(reader, 2048, &polled, &world->err), LT_OK);
    assert_int_equal(polled.poll, LT_POLL_IDLE);
    assert_in_range(polled.wait_us, 999, 1001);
    world->now_us += 10000;
    assert_int_equal(nexmark->reader_poll(reader, 2048, &polled, &world->err), LT_OK);
    assert_int_equal(polled.batch.len, 10);
    assert_int_equal(polled.source_watermark_us, INT64_C(1704067200000000) + 11000 - 1);
    nexmark->reader_close(reader);
    nexmark->source_close(source);
}

static void test_bad_tables(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {"first-event.rate=0",  "events.num=-1",
                                      "rate.shape=ROUND",    "base-time=noon",
                                      "person.avg-size=9kb", "max-emit-speed=maybe"};
    struct lt_source_info info;
    for (size_t i = 0; i < LT_ARRAY_LEN(bad); i++) {
        struct lt_connector_table table = datagen(world, bad[i]);
        world->err = (struct lt_error){0};
        assert_int_equal(
            lt_connector_nexmark.source_check(&table, &lt_builtin_registry, &info, &world->err),
            LT_INVALID);
        assert_int_equal(world->err.pos.line, *bad[i] == 'p' ? 0 : 1);
    }
    static const struct column wrong[] = {{"event_kind", &lt_type_int}};
    struct lt_connector_table table = table_make(world, wrong, 1, "");
    world->err = (struct lt_error){0};
    assert_int_equal(
        lt_connector_nexmark.source_check(&table, &lt_builtin_registry, &info, &world->err),
        LT_INVALID);
    assert_non_null(strstr(world->err.message, "event_kind"));
}

static void test_no_memory(void **state)
{
    LT_UNUSED(state);
    const struct lt_connector *nexmark = &lt_connector_nexmark;
    lt_status status = LT_NOMEM;
    long fail_at = 1;
    for (; status == LT_NOMEM && fail_at < 10000; fail_at++) {
        struct world world;
        world_open(&world);
        struct lt_connector_table table = datagen(&world, "events.num=60");
        struct lt_scan_request all = request_all(&world, &table);
        struct lt_source *source = NULL;
        struct lt_reader *reader = NULL;
        struct lt_polled polled;
        world.fail_at = fail_at;
        status = nexmark->source_open(&world.env, &table, &all, &source, &world.err);
        if (status == LT_OK)
            status =
                nexmark->reader_open(source, LT_STR("events"), 0, &world.env, &reader, &world.err);
        if (status == LT_OK)
            status = nexmark->reader_poll(reader, 64, &polled, &world.err);
        world.fail_at = 0;
        nexmark->reader_close(reader);
        nexmark->source_close(source);
        world_close(&world);
    }
    assert_int_equal(status, LT_OK);
    assert_true(fail_at > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proportions_ids_times),
        cmocka_unit_test(test_auction_draws),
        cmocka_unit_test(test_bid_draws),
        cmocka_unit_test(test_people),
        cmocka_unit_test(test_channel_ids),
        cmocka_unit_test_setup_teardown(test_rows_are_the_model, setup, teardown),
        cmocka_unit_test_setup_teardown(test_filter_and_pruning, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pacing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
