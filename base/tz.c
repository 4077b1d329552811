/* tz.c -- time zones: which offset from UTC holds when.
 *
 * A zone is a list of changes of offset in order, and after the last one either
 * nothing or a yearly rule (tz_rule.c). The rule is written out into the list up
 * to RULE_LISTED_UNTIL, so that nearly every question is one binary search; past
 * that the years around the instant are worked out on the spot.
 *
 * Wall clock to instant: a change at T from offset b to a makes the clock times
 * between T+b and T+a either missing (a > b) or double (a < b). In both cases the
 * answer of java.time is "read it with b": a missing time moves forward by the
 * gap, a double one is its first occurrence. So a change counts as passed once
 * the clock shows T + max(a, b). */
#include "base/tz.h"

#include "base/tz_rule.h"

enum { RULE_LISTED_UNTIL = 2100 };

struct lt_tz {
    char name[64];
    int64_t first_us; /* the offset before the first change */
    uint32_t n_changes;
    bool has_rule;
    struct lt_tz_rule rule;
    struct lt_tz_change changes[];
};

const struct lt_tz lt_tz_utc = {.name = "UTC"};

/* ---- asking ---------------------------------------------------------- */

/* How many of `changes` have passed at an instant. */
static uint32_t changes_passed(const struct lt_tz_change *changes, uint32_t n, int64_t instant_us)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (changes[mid].at_us <= instant_us)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static int64_t change_local_us(const struct lt_tz_change *change)
{
    int64_t offset = change->after_us > change->before_us ? change->after_us : change->before_us;
    int64_t local;
    if (__builtin_add_overflow(change->at_us, offset, &local))
        return change->at_us < 0 ? INT64_MIN : INT64_MAX;
    return local;
}

static uint32_t changes_passed_local(const struct lt_tz_change *changes, uint32_t n,
                                     int64_t local_us)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (change_local_us(&changes[mid]) <= local_us)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The six changes of the years around a moment past the list. */
enum { RULE_NEAR = 6 };
static void rule_near(const struct lt_tz *tz, int64_t us, struct lt_tz_change out[RULE_NEAR])
{
    struct lt_civil civil;
    lt_civil_from_us(us, &civil);
    for (int i = 0; i < 3; i++)
        lt_tz_rule_year(&tz->rule, civil.year - 1 + i, out + (size_t)2 * (unsigned)i);
}

static int64_t offset_after(const struct lt_tz_change *changes, uint32_t passed, int64_t first_us)
{
    return passed ? changes[passed - 1].after_us : first_us;
}

int64_t lt_tz_span(const struct lt_tz *tz, int64_t instant_us, int64_t *from_us, int64_t *until_us)
{
    const struct lt_tz_change *changes = tz->changes;
    uint32_t n = tz->n_changes;
    uint32_t passed = changes_passed(changes, n, instant_us);
    struct lt_tz_change near[RULE_NEAR];
    int64_t first = tz->first_us;
    if (tz->has_rule && passed == n) {
        rule_near(tz, instant_us, near);
        changes = near;
        n = RULE_NEAR;
        passed = changes_passed(changes, n, instant_us);
        first = near[0].before_us;
    }
    *from_us = passed ? changes[passed - 1].at_us : INT64_MIN;
    *until_us = passed < n ? changes[passed].at_us : INT64_MAX;
    return offset_after(changes, passed, first);
}

int64_t lt_tz_offset_us(const struct lt_tz *tz, int64_t instant_us)
{
    int64_t from_us, until_us;
    return lt_tz_span(tz, instant_us, &from_us, &until_us);
}

int64_t lt_tz_to_instant(const struct lt_tz *tz, int64_t local_us)
{
    const struct lt_tz_change *changes = tz->changes;
    uint32_t passed = changes_passed_local(changes, tz->n_changes, local_us);
    int64_t offset = offset_after(changes, passed, tz->first_us);
    struct lt_tz_change near[RULE_NEAR];
    if (tz->has_rule && passed == tz->n_changes) {
        rule_near(tz, local_us, near);
        offset =
            offset_after(near, changes_passed_local(near, RULE_NEAR, local_us), near[0].before_us);
    }
    int64_t instant_us;
    if (__builtin_sub_overflow(local_us, offset, &instant_us))
        return local_us < 0 ? INT64_MIN : INT64_MAX;
    return instant_us;
}

struct lt_str lt_tz_name(const struct lt_tz *tz)
{
    return lt_str_of(tz->name);
}

/* ---- loading --------------------------------------------------------- */

static size_t tz_size(uint32_t n_changes)
{
    return sizeof(struct lt_tz) + n_changes * sizeof(struct lt_tz_change);
}

void lt_tz_free(struct lt_alloc *alloc, struct lt_tz *tz)
{
    if (tz)
        lt_alloc_put(alloc, tz, tz_size(tz->n_changes));
}

static struct lt_tz *tz_new(struct lt_alloc *alloc, struct lt_str name, uint32_t n_changes)
{
    struct lt_tz *tz = lt_alloc_zero(alloc, tz_size(n_changes));
    if (!tz)
        return NULL;
    LT_ASSERT(name.len < sizeof(tz->name));
    memcpy(tz->name, name.data, name.len);
    tz->n_changes = n_changes;
    return tz;
}

static bool take_two_digits(struct lt_str *text, int max, int *out)
{
    if (text->len < 2 || text->data[0] < '0' || text->data[0] > '9' || text->data[1] < '0' ||
        text->data[1] > '9')
        return false;
    *out = (text->data[0] - '0') * 10 + (text->data[1] - '0');
    text->data += 2;
    text->len -= 2;
    return *out <= max;
}

/* "Z", "+02:00", "+0200", "+2", each also after "UTC", "GMT" or "UT". */
static bool fixed_offset(struct lt_str text, int64_t *out_us)
{
    static const char *const prefixes[] = {"UTC", "GMT", "UT"};
    bool prefixed = false;
    for (size_t i = 0; i < LT_ARRAY_LEN(prefixes) && !prefixed; i++) {
        size_t len = strlen(prefixes[i]);
        prefixed = text.len >= len && memcmp(text.data, prefixes[i], len) == 0;
        if (prefixed)
            text = (struct lt_str){text.data + len, text.len - len};
    }
    *out_us = 0;
    if (text.len == 0)
        return prefixed;
    if (!prefixed && lt_str_equal(text, LT_STR("Z")))
        return true;
    if (text.data[0] != '+' && text.data[0] != '-')
        return false;
    bool minus = text.data[0] == '-';
    text = (struct lt_str){text.data + 1, text.len - 1};
    int h, m = 0, s = 0;
    if (text.len == 1 && text.data[0] >= '0' && text.data[0] <= '9') {
        h = text.data[0] - '0';
    } else {
        int *parts[] = {&h, &m, &s};
        static const int limits[] = {18, 59, 59};
        for (int i = 0; i < 3 && (i == 0 || text.len); i++) {
            if (i && text.data[0] == ':')
                text = (struct lt_str){text.data + 1, text.len - 1};
            if (!take_two_digits(&text, limits[i], parts[i]))
                return false;
        }
        if (text.len)
            return false;
    }
    int64_t us = h * LT_US_PER_HOUR + m * LT_US_PER_MINUTE + s * LT_US_PER_SECOND;
    *out_us = minus ? -us : us;
    return us <= 18 * LT_US_PER_HOUR;
}

/* Names become paths, so nothing but plain words between slashes may pass. */
static bool name_is_plain(struct lt_str name)
{
    if (name.len == 0 || name.len >= sizeof(((struct lt_tz *)0)->name))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == '+';
        bool slash = c == '/' && i > 0 && i + 1 < name.len && name.data[i - 1] != '/';
        if (!word && !slash)
            return false;
    }
    return true;
}

static lt_status fail_unknown(struct lt_str name, struct lt_error *err)
{
    return lt_fail(err, LT_INVALID,
                   "unknown time zone '%.*s': give a name such as 'Europe/Berlin' or an offset "
                   "such as '+02:00'",
                   (int)(name.len > 100 ? 100 : name.len), name.data);
}

/* What tz_file.c has read, before the rule is written out. */
static lt_status tz_from_file(struct lt_alloc *alloc, struct lt_str name,
                              const struct lt_tz_file *file, struct lt_tz **out)
{
    struct lt_tz_change listed[2];
    uint32_t n_rule = 0;
    int64_t last_us = file->n_changes ? file->changes[file->n_changes - 1].at_us : INT64_MIN;
    int32_t year_from = 1970;
    if (file->n_changes) {
        struct lt_civil civil;
        lt_civil_from_us(last_us, &civil);
        year_from = civil.year;
    }
    if (file->has_rule && file->rule.has_dst)
        for (int32_t year = year_from; year < RULE_LISTED_UNTIL; year++)
            n_rule += 2;
    struct lt_tz *tz = tz_new(alloc, name, file->n_changes + n_rule);
    if (!tz)
        return LT_NOMEM;
    if (file->n_changes)
        memcpy(tz->changes, file->changes, file->n_changes * sizeof(*file->changes));
    tz->first_us = file->first_us;
    uint32_t at = file->n_changes;
    for (uint32_t i = 0; i < n_rule; i += 2) {
        lt_tz_rule_year(&file->rule, year_from + (int32_t)(i / 2), listed);
        for (int j = 0; j < 2; j++)
            if (at == 0 || listed[j].at_us > tz->changes[at - 1].at_us)
                tz->changes[at++] = listed[j];
    }
    /* Pad what the first year did not use with the last change, said again. */
    for (uint32_t i = at; i < tz->n_changes; i++)
        tz->changes[i] = tz->changes[at - 1];
    tz->has_rule = file->has_rule && file->rule.has_dst;
    tz->rule = file->rule;
    *out = tz;
    return LT_OK;
}

lt_status lt_tz_load(struct lt_alloc *alloc, struct lt_str name, struct lt_tz **out,
                     struct lt_error *err)
{
    int64_t offset_us;
    if (name.len < sizeof(((struct lt_tz *)0)->name) && fixed_offset(name, &offset_us)) {
        struct lt_tz *tz = tz_new(alloc, name, 0);
        if (!tz)
            return LT_NOMEM;
        tz->first_us = offset_us;
        *out = tz;
        return LT_OK;
    }
    if (!name_is_plain(name))
        return fail_unknown(name, err);
    struct lt_arena arena;
    lt_arena_init(&arena, alloc);
    struct lt_tz_file file = {0};
    bool found = false;
    lt_status status = lt_tz_file_read(&arena, name, &file, &found, err);
    if (status == LT_OK)
        status = found ? tz_from_file(alloc, name, &file, out) : fail_unknown(name, err);
    lt_arena_close(&arena);
    return status;
}
