/* json_fast.c -- lines of JSON into columns along an index of their quotes.
 *
 *   {"auction":1007,"channel":"Google"}\n
 *    ^       ^      ^       ^ ^      ^  ^      the index: quotes, backslashes, controls
 *
 * Between two positions of the index lies nothing that could end a string or a line. So when
 * the bytes at one are those of the name that is expected there, the next one is that name's
 * closing quote, a string's end is the position after its first, and a number ends just
 * before the next name: nothing is searched for. Each name is looked for at a position of the
 * index, not where the value before it was found to end (that is only compared), so that the
 * values of a record, and records, do not wait for one another.
 *
 * Invariant: `ix` points to the first position of the index at or behind `at`. Whatever is
 * not in its usual form makes a walk return NULL; nothing was decided then, and the strict
 * walk reads the whole line anew, over what is already in the lanes. */
#include "connectors/formats/json_node.h"
#include "connectors/formats/lane.h"
#include "connectors/formats/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    JSON_MARGIN = 32, /* bytes behind a line that may be loaded, whatever they are */
    JSON_PIECE_MIN = 512,
    JSON_GUESSES = 4,
};

static const struct lt_structural_set json_set = {.always = {'"', '\\'}, .controls = true};

struct json_walk {
    struct lt_decoder *dec;
    const char *base; /* what the positions count from */
    const uint16_t *ix;
    const char *end; /* of the lines that the index covers */
    unsigned depth;
};

/* ---- scalars ------------------------------------------------------------ */

/* A view without a branch on its length: short text is masked, long text pointed to. */
static inline void put_view(struct lt_sv *lane, const char *text, size_t len)
{
    static const uint64_t masks[LT_SV_INLINE_MAX + 1][2] = {
        {0x0000000000000000, 0x0000000000000000}, {0x000000FF00000000, 0x0000000000000000},
        {0x0000FFFF00000000, 0x0000000000000000}, {0x00FFFFFF00000000, 0x0000000000000000},
        {0xFFFFFFFF00000000, 0x0000000000000000}, {0xFFFFFFFF00000000, 0x00000000000000FF},
        {0xFFFFFFFF00000000, 0x000000000000FFFF}, {0xFFFFFFFF00000000, 0x0000000000FFFFFF},
        {0xFFFFFFFF00000000, 0x00000000FFFFFFFF}, {0xFFFFFFFF00000000, 0x000000FFFFFFFFFF},
        {0xFFFFFFFF00000000, 0x0000FFFFFFFFFFFF}, {0xFFFFFFFF00000000, 0x00FFFFFFFFFFFFFF},
        {0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFF},
    };
    bool small = len <= LT_SV_INLINE_MAX;
    const uint64_t *mask = masks[small ? len : LT_SV_INLINE_MAX];
    uint64_t rest = lt_swar_load(text + 4) & mask[1];
    uint64_t words[2] = {
        len | ((lt_swar_load(text) << 32) & mask[0]),
        small ? rest : (uint64_t)(uintptr_t)text,
    };
    memcpy(lane, words, sizeof(words));
}

/* Text that is longer than a view alone may be. */
static bool put_long(struct lt_decoder *dec, struct json_field *field, size_t len)
{
    if (len > field->col->type->length || lt_column_hold(field->col, dec->buffer) != LT_OK)
        return false; /* the strict walk counts characters, not bytes */
    field->view_max = field->col->type->length;
    return true;
}

static inline bool put_varchar(struct lt_decoder *dec, struct json_field *field, uint32_t row,
                               const char *text, const char *close)
{
    size_t len = (size_t)(close - text);
    if (LT_UNLIKELY(len > field->view_max) && !put_long(dec, field, len))
        return false;
    put_view((struct lt_sv *)field->values + row, text, len);
    return true;
}

static inline bool put_time(struct lt_decoder *dec, struct json_field *field, uint32_t row,
                            const char *text, const char *close)
{
    const struct lt_type *type = field->col->type;
    bool instant = type->kind == LT_TYPE_TIMESTAMP_LTZ;
    bool utc = instant && close[-1] == 'Z';
    int64_t us;
    if (!lt_fast_timestamp(text, (size_t)(close - text) - utc, &field->day, type->precision, &us))
        return false;
    if (instant && !utc) /* by whole seconds, so it stays cut to the precision */
        us = lt_tz_to_instant(dec->zone, us);
    ((int64_t *)field->values)[row] = us;
    return true;
}

/* Digits as JSON has them: without needless zeros in front. */
static inline bool read_integer(const char *at, const char *end, int64_t *out)
{
    size_t len = (size_t)(end - at);
    uint64_t value;
    if (LT_UNLIKELY(*at == '-'))
        return (at[1] != '0' || len == 2) && lt_fast_i64(at, len, out);
    if ((*at == '0' && len != 1) || !lt_fast_u64(at, len, &value) || value > INT64_MAX)
        return false;
    *out = (int64_t)value;
    return true;
}

/* Digits and a point where JSON allows them? (That nothing else is there is seen later.) */
static inline bool number_is_plain(const char *at, const char *end)
{
    at += *at == '-';
    return at < end && (unsigned char)(*at - '0') <= 9 && (unsigned char)(end[-1] - '0') <= 9 &&
           (*at != '0' || end - at == 1 || at[1] == '.');
}

/* A number without exponent, as any type of number (or none). */
static bool put_number(const struct json_field *field, uint32_t row, const char *at, size_t len)
{
    const struct lt_type *type;
    struct lt_fast_fixed fixed;
    if (!lt_fast_fixed(at, len, &fixed))
        return false;
    bool whole = fixed.places == 0 && fixed.digits <= INT64_MAX && at[len - 1] != '.';
    int64_t value = whole ? (int64_t)fixed.digits : 0;
    value = fixed.minus ? -value : value;
    switch (field->form) {
    case JSON_UNWANTED: return true;
    case JSON_I8:
        ((int8_t *)field->values)[row] = (int8_t)value;
        return whole && value == (int8_t)value;
    case JSON_I16:
        ((int16_t *)field->values)[row] = (int16_t)value;
        return whole && value == (int16_t)value;
    case JSON_I32:
        ((int32_t *)field->values)[row] = (int32_t)value;
        return whole && value == (int32_t)value;
    case JSON_I64: ((int64_t *)field->values)[row] = value; return whole;
    case JSON_FLOAT: return lt_fixed_to_float(&fixed, (float *)field->values + row);
    case JSON_DOUBLE: return lt_fixed_to_double(&fixed, (double *)field->values + row);
    default:
        type = field->col->type;
        return lt_fixed_to_decimal(&fixed, type->precision, type->scale,
                                   (__int128 *)field->values + row);
    }
}

/* Text from the quote at `at` to `close`, if that is its closing quote. */
LT_ALWAYS_INLINE bool put_text(struct lt_decoder *dec, struct json_field *field,
                               enum json_form form, uint32_t row, const char *at, const char *close)
{
    if (*at != '"' || *close != '"')
        return false;
    if (form == JSON_VARCHAR)
        return put_varchar(dec, field, row, at + 1, close);
    return form == JSON_UNWANTED || put_time(dec, field, row, at + 1, close);
}

/* The end of a number in front of the next position of the index: what is between them is
 * the end of objects, a comma, a blank. */
static inline const char *number_end(const char *next)
{
    const char *end = next - 1;
    end -= *end == ' ';
    while (end[-1] == '}')
        end--;
    return end;
}

/* The bytes of true or false; NULL when they are neither. */
static inline const char *word_end(const char *at, bool *yes)
{
    uint64_t word = lt_swar_load(at);
    *yes = (uint32_t)word == (uint32_t)lt_swar_load("true\0\0\0");
    bool no = (word & UINT64_C(0xFFFFFFFFFF)) == lt_swar_load("false\0\0");
    return *yes ? at + 4 : no ? at + 5 : NULL;
}

/* ---- what is less usual ------------------------------------------------- */

/* Where the index has the line's end. */
static const uint16_t *line_end(const struct json_walk *walk)
{
    const uint16_t *ix = walk->ix;
    while (walk->base[*ix] != '\n')
        ix++;
    return ix;
}

/* A NULL was written: from the first one on there is a bitmap, in what lies below too. */
static inline void bind_nulls(struct json_field *field)
{
    if (!field->validity)
        lt_json_field_bind(field, field->col);
}

/* Any value at all, read strictly. */
static const char *other_value(struct json_walk *walk, struct json_field *field, const char *at,
                               uint32_t row)
{
    struct lt_decoder *dec = walk->dec;
    if ((uint32_t)lt_swar_load(at) == (uint32_t)lt_swar_load("null\0\0\0") && field->node) {
        if (!field->node->type->nullable || lt_lane_null(field->col, row) != LT_OK)
            return NULL;
        bind_nulls(field);
        return at + 4;
    }
    struct lt_error *err = dec->err;
    const char *end = walk->base + *line_end(walk);
    dec->cur = (struct lt_json_cursor){.at = at, .end = end, .depth = walk->depth};
    dec->err = NULL; /* a message is made when the whole line is read again */
    bool good = field->node ? lt_json_strict_value(dec, field->node, field->col, row) == LT_OK
                            : lt_json_skip(&dec->cur);
    dec->err = err;
    if (!good)
        return NULL;
    if (field->node)
        lt_json_field_bind(field, field->col);
    while (walk->base + *walk->ix < dec->cur.at)
        walk->ix++;
    return dec->cur.at;
}

/* Fields that did not come become NULL, if they may. */
static bool missing_fields(const struct json_walk *walk, struct json_node *node, uint64_t object,
                           uint32_t row)
{
    for (uint32_t i = 0; i < node->n_fields; i++) {
        struct json_field *field = &node->fields[i];
        if (field->seen == object)
            continue;
        if (walk->dec->options.fail_on_missing || !field->node->type->nullable ||
            lt_lane_null(field->col, row) != LT_OK)
            return false;
        bind_nulls(field);
    }
    return true;
}

/* ---- objects ------------------------------------------------------------ */

/* Is the name that begins at `at` (a position of the index) the field's? */
static inline bool name_is(const struct json_field *field, const char *at)
{
#ifdef __SSE2__
    __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at),
                                  _mm_loadu_si128((const __m128i *)(const void *)field->key));
    __m128i rest = _mm_loadu_si128((const __m128i *)(const void *)field->rest);
    return _mm_movemask_epi8(_mm_or_si128(same, rest)) == 0xFFFF;
#else
    return (((lt_swar_load(at) ^ lt_swar_load(field->key)) & ~lt_swar_load(field->rest)) |
            ((lt_swar_load(at + 8) ^ lt_swar_load(field->key + 8)) &
             ~lt_swar_load(field->rest + 8))) == 0;
#endif
}

/* A name that is longer than name_is looks, or not the one that came last time after the one
 * before; returns where its value begins. */
static const char *other_name(struct json_walk *walk, struct json_node *node,
                              struct json_field **expected, struct json_field **out)
{
    const char *open = walk->base + walk->ix[0], *close = walk->base + walk->ix[1];
    struct json_field *field = *expected;
    /* Some names may be left out: those that come after them are next. */
    for (unsigned i = 0; i < JSON_GUESSES; i++) {
        field = field->next;
        if (name_is(field, open)) {
            *out = field;
            return open + field->key_size;
        }
    }
    if (*open != '"' || *close != '"' || close[1] != ':')
        return NULL;
    struct lt_str name = {open + 1, (size_t)(close - open - 1)};
    field = *expected;
    if (field == &node->nobody || !lt_str_equal(field->name, name))
        field = lt_json_tree_find(node, name);
    if (field == &node->nobody)
        field = lt_json_tree_learn(walk->dec, node, name);
    bool blank = close[2] == ' ';
    if (field != &node->nobody && field->key_size != name.len + 3 + blank)
        lt_json_field_blank(field, blank);
    *expected = *out = field;
    return close + 2 + blank;
}

static inline void set_valid(const struct json_field *field, uint32_t row)
{
    if (field->validity)
        field->validity[row / 64] |= UINT64_C(1) << (row % 64);
}

static const char *walk_object(struct json_walk *walk, struct json_node *node, const char *at,
                               uint32_t row);

static const char *skip_array(struct json_walk *walk, struct json_field *field, const char *at);

/* Steps over a value in a field nobody wants. */
static const char *skip_value(struct json_walk *walk, struct json_field *field, const char *at)
{
    struct json_node *node;
    struct lt_json_cursor cur = {.at = at, .end = walk->end};
    struct lt_str raw;
    bool flag;
    switch (*at) {
    case '"':
        at = walk->base + walk->ix[1];
        if (*at != '"')
            return NULL;
        walk->ix += 2;
        return at + 1;
    case '{':
        node = lt_json_tree_inside(walk->dec, field);
        return node ? walk_object(walk, node, at + 1, 0) : NULL;
    case '[': return skip_array(walk, field, at + 1);
    case 't':
    case 'f': return word_end(at, &flag);
    case 'n': return lt_json_word(&cur, "null") ? cur.at : NULL;
    default: return lt_json_number(&cur, &raw, &flag) ? cur.at : NULL;
    }
}

/* The array whose bracket is in front of `at`. */
static const char *skip_array(struct json_walk *walk, struct json_field *field, const char *at)
{
    if (walk->depth++ == LT_JSON_DEPTH_MAX)
        return NULL;
    bool more = *at != ']';
    at += !more;
    while (more) {
        at += *at == ' ';
        at = skip_value(walk, field, at);
        if (!at)
            return NULL;
        more = *at == ',';
        if (!more && *at != ']')
            return NULL;
        at++;
    }
    walk->depth--;
    return at;
}

static const char *walk_list(struct json_walk *walk, struct json_field *field, const char *at,
                             uint32_t row);

/* A value that is not in the usual form of its field, or a field of a rarer kind. */
static const char *rare_value(struct json_walk *walk, struct json_field *field, const char *at,
                              uint32_t row)
{
    const struct json_walk before = *walk;
    const char *close = walk->base + walk->ix[1], *end = NULL;
    bool yes = false, number = field->form <= JSON_DECIMAL;
    if (*at == ' ' && field->text) {
        lt_json_field_blank(field, true);
        at++;
    }
    size_t len = (size_t)(close - at - 1);
    if (*at == '"' && *close == '"') {
        if (field->form == JSON_DATE
                ? lt_fast_date(at + 1, len, &field->day, (int32_t *)field->values + row)
                : number && put_number(field, row, at + 1, len)) {
            walk->ix += 2;
            end = close + 1;
        }
    } else if (field->form == JSON_BOOLEAN) {
        end = word_end(at, &yes);
        ((int8_t *)field->values)[row] = yes;
    } else if (field->form == JSON_ROW && *at == '{') {
        set_valid(field, row);
        return walk_object(walk, field->node, at + 1, row);
    } else if (field->form == JSON_LIST) {
        end = walk_list(walk, field, at, row);
    } else if (number) {
        end = number_end(walk->base + *walk->ix);
        if (!number_is_plain(at, end) || !put_number(field, row, at, (size_t)(end - at)))
            end = field->form == JSON_UNWANTED ? skip_value(walk, field, at) : NULL;
    }
    if (end) {
        set_valid(field, row);
        return end;
    }
    *walk = before;
    return other_value(walk, field, at, row);
}

/* The value at `at` in the form that its field mostly has; NULL when it is in another. What
 * follows a number is looked at by the caller. */
LT_ALWAYS_INLINE const char *usual_value(struct lt_decoder *dec, struct json_field *field,
                                         const char *at, uint32_t row, const char *base,
                                         const uint16_t **ix)
{
    const char *next = base + (*ix)[0], *close = base + (*ix)[1];
    int64_t ignored;
    switch (field->form) {
    case JSON_I64:
        if (!read_integer(at, next - 1, (int64_t *)field->values + row))
            return NULL;
        return next - 1;
    case JSON_I32:
    case JSON_DOUBLE:
    case JSON_DECIMAL:
        if (!number_is_plain(at, next - 1) || !put_number(field, row, at, (size_t)(next - 1 - at)))
            return NULL;
        return next - 1;
    case JSON_VARCHAR:
        if (!put_text(dec, field, JSON_VARCHAR, row, at, close))
            return NULL;
        break;
    case JSON_TIMESTAMP:
        if (!put_text(dec, field, JSON_TIMESTAMP, row, at, close))
            return NULL;
        break;
    case JSON_UNWANTED:
        if (*at != '"')
            return read_integer(at, next - 1, &ignored) ? next - 1 : NULL;
        if (*close != '"')
            return NULL;
        break;
    default: return NULL;
    }
    *ix += 2;
    return close + 1;
}

/* The object whose brace is in front of `at`; returns what follows it. */
static const char *walk_object(struct json_walk *walk, struct json_node *node, const char *at,
                               uint32_t row)
{
    const uint64_t object = ++walk->dec->objects;
    const uint16_t *ix = walk->ix; /* in walk only for those who are called */
    const char *base = walk->base;
    struct json_field **expected = &node->first;
    uint64_t came = 0;
    if (walk->depth++ == LT_JSON_DEPTH_MAX)
        return NULL;
    bool more = *at != '}';
    at += !more;
    while (more) {
        struct json_field *field = *expected;
        const char *name = base + *ix;
        if (LT_UNLIKELY(name != at) && (name != at + 1 || *at != ' '))
            return NULL;
        if (LT_LIKELY(name_is(field, name))) {
            at = name + field->key_size;
        } else {
            walk->ix = ix;
            at = other_name(walk, node, expected, &field);
            if (!at)
                return NULL;
        }
        ix += 2;
        field->seen = object;
        came |= field->bit;
        const char *end = usual_value(walk->dec, field, at, row, base, &ix);
        if (LT_LIKELY(end != NULL)) {
            set_valid(field, row);
        } else {
            walk->ix = ix;
            end = rare_value(walk, field, at, row);
            if (!end)
                return NULL;
            ix = walk->ix;
        }
        more = *end == ',';
        if (!more && *end != '}')
            return NULL;
        at = end + 1;
        expected = &field->next;
    }
    walk->ix = ix;
    walk->depth--;
    return came == node->all || missing_fields(walk, node, object, row) ? at : NULL;
}

/* ---- lists -------------------------------------------------------------- */

/* Room for lane n in the columns of the elements. */
static bool list_reserve(struct json_field *field, uint32_t n)
{
    for (unsigned i = 0; i < field->col->n_children; i++) {
        struct json_field *item = field->node->items[i];
        struct lt_column *child;
        if (item->col && n < item->col->len)
            continue;
        if (lt_lane_child(field->col, i, n < 32 ? 63 : 2 * n, &child) != LT_OK)
            return false;
        lt_json_field_bind(item, child);
    }
    return true;
}

static const char *item_value(struct json_walk *walk, struct json_field *item, const char *at,
                              uint32_t row)
{
    const char *end = at, *close = walk->base + walk->ix[1];
    bool good = false;
    if (item->form == JSON_VARCHAR || item->form == JSON_TIMESTAMP) {
        good = put_text(walk->dec, item, item->form, row, at, close);
        walk->ix += good ? 2 : 0;
        end = close + 1;
    } else if (item->form <= JSON_DECIMAL && *at != '"') {
        while ((unsigned char)(*end - '0') <= 9 || *end == '.' || *end == '-')
            end++;
        good = number_is_plain(at, end) && put_number(item, row, at, (size_t)(end - at));
    }
    if (!good)
        return rare_value(walk, item, at, row);
    set_valid(item, row);
    return end;
}

/* The key of a map's entry at `at`; returns where its value begins. */
static const char *map_key(struct json_walk *walk, struct json_field *keys, const char *at,
                           uint32_t row)
{
    const char *close = walk->base + walk->ix[1];
    if (!put_text(walk->dec, keys, JSON_VARCHAR, row, at, close) || close[1] != ':')
        return NULL;
    set_valid(keys, row);
    walk->ix += 2;
    return close + 2;
}

/* The array or map at `at`. */
static const char *walk_list(struct json_walk *walk, struct json_field *field, const char *at,
                             uint32_t row)
{
    struct json_field *const *items = field->node->items;
    bool map = items[1] != NULL;
    uint32_t start = lt_lane_list_start(field->col, row), n = start;
    if (*at != (map ? '{' : '[') || walk->depth++ == LT_JSON_DEPTH_MAX)
        return NULL;
    at++;
    const char last = map ? '}' : ']';
    bool more = *at != last;
    at += !more;
    while (more) {
        uint32_t to = n;
        if (!list_reserve(field, n))
            return NULL;
        at += *at == ' ';
        if (map) {
            at = map_key(walk, items[0], at, n);
            if (!at)
                return NULL;
            at += *at == ' ';
            to = lt_json_map_find(items[0]->col, start, n);
        }
        at = item_value(walk, items[map], at, to);
        if (!at)
            return NULL;
        n += to == n;
        if (map && n - start > JSON_MAP_MAX)
            return NULL;
        more = *at == ',';
        if (!more && *at != last)
            return NULL;
        at++;
    }
    walk->depth--;
    lt_lane_list_end(field->col, row, n);
    return at;
}

/* ---- lines -------------------------------------------------------------- */

/* The line at `at`; returns the next one's start, NULL when it is for the strict walk. */
static const char *walk_line(struct json_walk *walk, const char *at, uint32_t row)
{
    walk->dec->null_instead = false;
    walk->depth = 0;
    if (*at != '{')
        return NULL;
    at = walk_object(walk, walk->dec->root, at + 1, row);
    if (!at)
        return NULL;
    if (*at == '\r') {
        at++;
        walk->ix++;
    }
    if (*at != '\n')
        return NULL;
    walk->ix++;
    return at + 1;
}

/* All lines that the index covers. */
static lt_status walk_piece(struct json_walk *walk, const char **at, bool good,
                            struct lt_batch_builder *into, uint32_t row_end)
{
    struct lt_decoder *dec = walk->dec;
    while (*at < walk->end && into->len < row_end) {
        const uint16_t *ix = walk->ix;
        const char *next = good ? walk_line(walk, *at, into->len) : NULL;
        if (LT_LIKELY(next != NULL)) {
            into->len++;
            dec->bad += dec->null_instead;
        } else {
            walk->ix = ix;
            walk->ix = line_end(walk);
            next = walk->base + *walk->ix++;
            LT_TRY(lt_json_strict_line(dec, *at, next++, into));
            lt_json_tree_bind(dec->root, into->columns);
        }
        dec->line++;
        *at = next;
    }
    return LT_OK;
}

/* Indexes `most` bytes of what begins at `at`: up to the last line end that is far enough
 * from the end of the data. Returns the end of that line, NULL when there is none. */
static const char *index_piece(struct lt_decoder *dec, const char *at, size_t size, size_t most,
                               bool *good)
{
    uint16_t *index = dec->index;
    bool ascii;
    uint32_t n = dec->level->index(&json_set, at, (uint32_t)most, index, &ascii);
    while (n > 0 && (at[index[n - 1]] != '\n' || (size_t)index[n - 1] + JSON_MARGIN >= size))
        n--;
    if (n == 0)
        return NULL;
    index[n] = index[n - 1]; /* one more may be looked at; it is no quote */
    const char *end = at + index[n - 1] + 1;
    *good = ascii || dec->level->utf8(at, (size_t)(end - at));
    return end;
}

lt_status lt_json_fast_lines(struct lt_decoder *dec, const char *data, size_t size,
                             struct lt_batch_builder *into, uint32_t row_end, size_t *used)
{
    struct json_walk walk = {.dec = dec};
    const char *at = data, *end = data + size;
    bool good;
    lt_json_tree_bind(dec->root, into->columns);
    while (into->len < row_end) {
        /* Not much more than will be read: what is indexed beyond is indexed anew. */
        size_t left = (size_t)(end - at);
        size_t most = left < LT_STRUCTURAL_SIZE_MAX ? left : LT_STRUCTURAL_SIZE_MAX;
        size_t want = (row_end - into->len) * dec->row_bytes + JSON_PIECE_MIN;
        const char *stop = index_piece(dec, at, left, want < most ? want : most, &good);
        if (!stop && want < most)
            stop = index_piece(dec, at, left, most, &good);
        if (!stop)
            break;
        uint32_t row = into->len;
        const char *start = at;
        walk.base = at;
        walk.ix = dec->index;
        walk.end = stop;
        LT_TRY(walk_piece(&walk, &at, good, into, row_end));
        if (into->len > row)
            dec->row_bytes = (size_t)(at - start) / (into->len - row) + 8;
    }
    *used = (size_t)(at - data);
    return LT_OK;
}
