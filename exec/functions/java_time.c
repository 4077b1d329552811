/* java_time.c -- dates and times as text by Java's patterns (DateTimeFormatter).
 *
 *   y u year   M L month   d day   D day of year   E weekday   e weekday number
 *   Q q quarter   w ISO week   Y its year   a AM/PM   H k K h hour   m minute
 *   s second   S fraction   n nanoseconds   X x Z offset   V z zone   G era   '…' text
 *
 * How often a letter stands says how wide: numbers are filled with zeros, "yy" is
 * the year in the century, MMM and MMMM the short and the full name. */
#include "exec/functions/java_time.h"

static const char *const month_names[12] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
static const char *const day_names[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};
static const char known_letters[] = "yuMLdDEeQqwYaHkKhmsSnXxZVzGA";

/* One item of a pattern: a letter and how often, or literal text (letter 0). */
struct item {
    char letter;
    unsigned count;
    const char *text;
    size_t text_len;
    size_t size; /* bytes of the pattern */
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct item item_at(struct lt_str pattern, size_t at)
{
    const char *p = pattern.data + at;
    size_t left = pattern.len - at;
    struct item item = {.text = p, .text_len = 1, .size = 1};
    if (is_letter(*p)) {
        item.letter = *p;
        while (item.size < left && p[item.size] == *p)
            item.size++;
        item.count = (unsigned)item.size;
    } else if (*p == '\'' && left > 1 && p[1] == '\'') {
        item.size = 2;
    } else if (*p == '\'') {
        const char *close = memchr(p + 1, '\'', left - 1);
        item.text = p + 1;
        item.text_len = close ? (size_t)(close - p) - 1 : left - 1;
        item.size = item.text_len + (close ? 2 : 1);
    } else if (*p == '[' || *p == ']') {
        item.text_len = 0; /* an optional part is read and written as if it were not */
    }
    return item;
}

bool java_time_check(struct lt_str pattern, char *bad)
{
    for (size_t at = 0; at < pattern.len;) {
        struct item item = item_at(pattern, at);
        if (item.letter && strchr(known_letters, item.letter) == NULL) {
            *bad = item.letter;
            return false;
        }
        at += item.size;
    }
    return true;
}

/* ---- writing -------------------------------------------------------- */

static void add_number(struct lt_buf *out, int64_t value, unsigned width)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        lt_buf_addc(out, '-');
    for (size_t n = sizeof(digits) - at; n < width; n++)
        lt_buf_addc(out, '0');
    lt_buf_add(out, digits + at, sizeof(digits) - at);
}

static void add_year(struct lt_buf *out, int64_t year, unsigned count)
{
    if (count == 2)
        add_number(out, lt_floor_mod(year, 100), 2);
    else
        add_number(out, year, count);
}

static void add_name(struct lt_buf *out, const char *name, unsigned count)
{
    if (count >= 5)
        lt_buf_addc(out, name[0]);
    else
        lt_buf_add(out, name, count == 4 ? strlen(name) : 3);
}

static void add_month(struct lt_buf *out, unsigned month, unsigned count)
{
    if (count >= 3)
        add_name(out, month_names[month - 1], count);
    else
        add_number(out, month, count);
}

/* The first `count` digits of the second's fraction; microseconds are all there is. */
static void add_fraction(struct lt_buf *out, uint32_t us, unsigned count)
{
    char digits[6];
    for (int i = 5; i >= 0; i--) {
        digits[i] = (char)('0' + us % 10);
        us /= 10;
    }
    for (unsigned i = 0; i < count; i++)
        lt_buf_addc(out, i < 6 ? digits[i] : '0');
}

static void add_offset(struct lt_buf *out, char letter, unsigned count, int64_t offset_us)
{
    int64_t minutes = offset_us / LT_US_PER_MINUTE;
    char sign = minutes < 0 ? '-' : '+';
    bool colon = letter == 'Z' ? count == 5 : count == 3 || count == 5;
    minutes = minutes < 0 ? -minutes : minutes;
    if (minutes == 0 && (letter == 'X' || (letter == 'Z' && count == 5))) {
        lt_buf_addc(out, 'Z');
        return;
    }
    if (letter == 'Z' && count == 4)
        lt_buf_adds(out, "GMT");
    lt_buf_addf(out, "%c%02d", sign, (int)(minutes / 60));
    if (count > 1 || letter == 'Z' || minutes % 60 != 0)
        lt_buf_addf(out, "%s%02d", colon || (letter == 'Z' && count == 4) ? ":" : "",
                    (int)(minutes % 60));
}

struct moment {
    struct lt_civil civil;
    int64_t days;
    int64_t offset_us;
    struct lt_str zone;
};

static void add_clock(struct lt_buf *out, const struct item *item, const struct moment *m)
{
    unsigned hour = m->civil.hour;
    switch (item->letter) {
    case 'H': add_number(out, hour, item->count); break;
    case 'k': add_number(out, hour == 0 ? 24 : hour, item->count); break;
    case 'K': add_number(out, hour % 12, item->count); break;
    case 'h': add_number(out, hour % 12 == 0 ? 12 : hour % 12, item->count); break;
    case 'm': add_number(out, m->civil.minute, item->count); break;
    case 's': add_number(out, m->civil.second, item->count); break;
    case 'S': add_fraction(out, m->civil.us, item->count); break;
    case 'n': add_number(out, (int64_t)m->civil.us * 1000, item->count); break;
    case 'A':
        add_number(out,
                   ((int64_t)hour * 3600 + m->civil.minute * 60 + m->civil.second) * 1000 +
                       m->civil.us / 1000,
                   item->count);
        break;
    case 'a': lt_buf_adds(out, hour < 12 ? "AM" : "PM"); break;
    case 'X':
    case 'x':
    case 'Z': add_offset(out, item->letter, item->count, m->offset_us); break;
    default: lt_buf_add(out, m->zone.data, m->zone.len); break;
    }
}

static void add_item(struct lt_buf *out, const struct item *item, const struct moment *m)
{
    int32_t year = 0;
    unsigned week = 0, dow = (unsigned)lt_floor_mod(m->days + 4, 7);
    if (item->letter == 'Y' || item->letter == 'w')
        lt_iso_week(m->days, &year, &week);
    switch (item->letter) {
    case 0: lt_buf_add(out, item->text, item->text_len); break;
    case 'y':
    case 'u': add_year(out, m->civil.year, item->count); break;
    case 'Y': add_year(out, year, item->count); break;
    case 'M':
    case 'L': add_month(out, m->civil.month, item->count); break;
    case 'd': add_number(out, m->civil.day, item->count); break;
    case 'D':
        add_number(out, m->days - lt_days_from_civil(m->civil.year, 1, 1) + 1, item->count);
        break;
    case 'w': add_number(out, week, item->count); break;
    case 'Q':
    case 'q': add_number(out, (m->civil.month + 2) / 3, item->count); break;
    case 'E': add_name(out, day_names[dow], item->count); break;
    case 'e': add_number(out, dow + 1, item->count); break;
    case 'G': lt_buf_adds(out, m->civil.year > 0 ? "AD" : "BC"); break;
    default: add_clock(out, item, m); break;
    }
}

bool java_time_format(struct lt_buf *out, struct lt_str pattern, int64_t local_us,
                      int64_t offset_us, struct lt_str zone, char *bad)
{
    struct moment m = {
        .days = lt_floor_div(local_us, LT_US_PER_DAY), .offset_us = offset_us, .zone = zone};
    if (!java_time_check(pattern, bad))
        return false;
    lt_civil_from_us(local_us, &m.civil);
    for (size_t at = 0; at < pattern.len;) {
        struct item item = item_at(pattern, at);
        add_item(out, &item, &m);
        at += item.size;
    }
    return true;
}

/* ---- patterns of fixed width ---------------------------------------- */

/* How long what a letter prints stays the same. The zone's offset is not the clock's. */
static int64_t item_unit_us(const struct item *item)
{
    static const int64_t fraction_us[] = {0, 100000, 10000, 1000, 100, 10};
    switch (item->letter) {
    case 'H':
    case 'k':
    case 'K':
    case 'h':
    case 'a': return LT_US_PER_HOUR;
    case 'm': return LT_US_PER_MINUTE;
    case 's': return LT_US_PER_SECOND;
    case 'A': return 1000;
    case 'S': return item->count < LT_ARRAY_LEN(fraction_us) ? fraction_us[item->count] : 1;
    case 'n': return 1;
    default: return LT_US_PER_DAY;
    }
}

static bool item_is_fixed(const struct item *item)
{
    if (item->letter == 'y' || item->letter == 'u')
        return item->count == 4;
    if (item->letter == 'S')
        return item->count <= 6;
    return item->letter == 0 || (strchr("MLdHms", item->letter) && item->count == 2);
}

void java_pattern_read(struct java_pattern *out, struct lt_str pattern)
{
    bool fixed = true;
    *out = (struct java_pattern){.unit_us = LT_US_PER_DAY};
    for (size_t at = 0; at < pattern.len;) {
        struct item item = item_at(pattern, at);
        size_t width = item.letter ? item.count : item.text_len;
        int64_t unit_us = item_unit_us(&item);
        out->unit_us = unit_us < out->unit_us ? unit_us : out->unit_us;
        at += item.size;
        if (!fixed || !item_is_fixed(&item) || out->size + width > JAVA_FRAME_SIZE ||
            out->n_fields == JAVA_FIELDS_MAX) {
            fixed = false;
            continue;
        }
        if (item.letter)
            out->fields[out->n_fields++] =
                (struct java_field){item.letter, (uint8_t)out->size, (uint8_t)width};
        else
            memcpy(out->frame + out->size, item.text, width);
        out->size += (uint32_t)width;
    }
    if (!fixed)
        out->size = 0;
}

static void put_digits(char *to, uint32_t value, uint32_t width)
{
    for (; width > 0; value /= 10)
        to[--width] = (char)('0' + value % 10);
}

bool java_pattern_write(const struct java_pattern *pattern, int64_t local_us, char *to)
{
    static const uint32_t scale[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    struct lt_civil civil;
    lt_civil_from_us(local_us, &civil);
    if (civil.year < 0 || civil.year > 9999)
        return false;
    memcpy(to, pattern->frame, pattern->size);
    for (uint32_t i = 0; i < pattern->n_fields; i++) {
        const struct java_field *field = &pattern->fields[i];
        uint32_t value = 0;
        switch (field->letter) {
        case 'y':
        case 'u': value = (uint32_t)civil.year; break;
        case 'M':
        case 'L': value = civil.month; break;
        case 'd': value = civil.day; break;
        case 'H': value = civil.hour; break;
        case 'm': value = civil.minute; break;
        case 's': value = civil.second; break;
        default: value = civil.us / scale[field->width]; break;
        }
        put_digits(to + field->at, value, field->width);
    }
    return true;
}

/* ---- reading -------------------------------------------------------- */

struct reader {
    struct lt_str text;
    size_t at;
    int64_t year, month, day, day_of_year, hour, minute, second, us;
    int pm; /* -1 unknown, 0 AM, 1 PM */
    bool half_day;
    struct java_time *out;
};

/* Digits at the place: exactly `width` when the next item is a number too, else at least one. */
static bool read_number(struct reader *r, unsigned width, bool exact, int64_t *out)
{
    int64_t value = 0;
    unsigned n = 0, most = exact ? width : width > 9 ? width : 9;
    while (n < most && r->at < r->text.len && r->text.data[r->at] >= '0' &&
           r->text.data[r->at] <= '9') {
        value = value * 10 + (r->text.data[r->at++] - '0');
        n++;
    }
    *out = value;
    return n > 0 && (!exact || n == width);
}

static bool read_name(struct reader *r, const char *const *names, unsigned n, unsigned count,
                      int64_t *out)
{
    for (unsigned i = 0; i < n; i++) {
        size_t len = count >= 4 ? strlen(names[i]) : 3;
        struct lt_str here = {r->text.data + r->at, len};
        if (r->at + len <= r->text.len &&
            lt_str_equal_nocase(here, (struct lt_str){names[i], len})) {
            r->at += len;
            *out = i + 1;
            return true;
        }
    }
    return false;
}

static bool read_fraction(struct reader *r, unsigned count)
{
    int64_t scale = 100000;
    unsigned n = 0;
    r->us = 0;
    while (n < count && r->at < r->text.len && r->text.data[r->at] >= '0' &&
           r->text.data[r->at] <= '9') {
        r->us += (r->text.data[r->at++] - '0') * scale;
        scale /= 10;
        n++;
    }
    return n > 0;
}

static bool read_offset(struct reader *r)
{
    int64_t hours, minutes = 0;
    bool minus;
    if (r->at < r->text.len && r->text.data[r->at] == 'Z') {
        r->at++;
        r->out->has_offset = true;
        return true;
    }
    if (r->at >= r->text.len || (r->text.data[r->at] != '+' && r->text.data[r->at] != '-'))
        return false;
    minus = r->text.data[r->at++] == '-';
    if (!read_number(r, 2, true, &hours))
        return false;
    if (r->at < r->text.len && r->text.data[r->at] == ':')
        r->at++;
    if (r->at < r->text.len && !read_number(r, 2, true, &minutes))
        return false;
    r->out->has_offset = true;
    r->out->offset_us = (minus ? -1 : 1) * (hours * 60 + minutes) * LT_US_PER_MINUTE;
    return true;
}

static bool read_half(struct reader *r)
{
    if (r->at + 2 > r->text.len || (r->text.data[r->at + 1] | 32) != 'm')
        return false;
    r->pm = (r->text.data[r->at] | 32) == 'p';
    if (!r->pm && (r->text.data[r->at] | 32) != 'a')
        return false;
    r->at += 2;
    return true;
}

static bool read_year(struct reader *r, unsigned count, bool exact)
{
    bool minus = r->at < r->text.len && r->text.data[r->at] == '-' && count != 2;
    r->at += minus;
    if (!read_number(r, count, exact || count == 2, &r->year))
        return false;
    if (count == 2)
        r->year += 2000;
    if (minus)
        r->year = -r->year;
    return true;
}

static bool read_item(struct reader *r, const struct item *item, bool exact)
{
    int64_t unused;
    switch (item->letter) {
    case 0:
        if (r->at + item->text_len > r->text.len ||
            memcmp(r->text.data + r->at, item->text, item->text_len) != 0)
            return false;
        r->at += item->text_len;
        return true;
    case 'y':
    case 'u': return read_year(r, item->count, exact);
    case 'M':
    case 'L':
        if (item->count >= 3)
            return read_name(r, month_names, 12, item->count, &r->month);
        return read_number(r, item->count, exact, &r->month);
    case 'E': return read_name(r, day_names, 7, item->count, &unused);
    case 'd': return read_number(r, item->count, exact, &r->day);
    case 'D': return read_number(r, item->count, exact, &r->day_of_year);
    case 'H':
    case 'k': return read_number(r, item->count, exact, &r->hour);
    case 'h':
    case 'K': r->half_day = true; return read_number(r, item->count, exact, &r->hour);
    case 'm': return read_number(r, item->count, exact, &r->minute);
    case 's': return read_number(r, item->count, exact, &r->second);
    case 'S': return read_fraction(r, item->count);
    case 'a': return read_half(r);
    case 'X':
    case 'x':
    case 'Z': return read_offset(r);
    default: return false;
    }
}

static bool reader_finish(struct reader *r)
{
    int64_t days;
    if (r->half_day)
        r->hour = r->hour % 12 + (r->pm == 1 ? 12 : 0);
    if (r->hour == 24)
        r->hour = 0;
    if (r->hour > 23 || r->minute > 59 || r->second > 59 || r->year > 9999 || r->year < -9999)
        return false;
    if (r->day_of_year > 0) {
        days = lt_days_from_civil((int32_t)r->year, 1, 1) + r->day_of_year - 1;
    } else {
        if (r->month < 1 || r->day < 1 || r->month > 12 || r->day > 31 ||
            !lt_civil_valid((int32_t)r->year, (unsigned)r->month, (unsigned)r->day))
            return false;
        days = lt_days_from_civil((int32_t)r->year, (unsigned)r->month, (unsigned)r->day);
    }
    r->out->local_us = days * LT_US_PER_DAY + r->hour * LT_US_PER_HOUR +
                       r->minute * LT_US_PER_MINUTE + r->second * LT_US_PER_SECOND + r->us;
    return true;
}

bool java_time_parse(struct lt_str text, struct lt_str pattern, struct java_time *out)
{
    struct reader r = {.text = text, .year = 1970, .month = 1, .day = 1, .pm = -1, .out = out};
    *out = (struct java_time){0};
    for (size_t at = 0; at < pattern.len;) {
        struct item item = item_at(pattern, at);
        size_t next = at + item.size;
        bool exact = next < pattern.len && is_letter(pattern.data[next]);
        if (!read_item(&r, &item, exact))
            return false;
        at = next;
    }
    return r.at == text.len && reader_finish(&r);
}
