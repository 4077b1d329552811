/* simdjson.cpp -- the peer of JSON decoding: bids by simdjson's on-demand parser, into columns.
 *
 * The rows go where Leat's would: batches of 2,048 rows of int64 columns and of 16-byte
 * string views, numbers and timestamps parsed, and every column read once into a
 * checksum, as a sink would. The fields are asked for in the order they stand in the
 * text, which is what on-demand likes best. Two ways with strings:
 *
 *   views     the text between the quotes where it lies, after looking for a backslash;
 *             what has one is unescaped into a buffer of the batch, as Leat does it
 *   copied    every string unescaped by simdjson and put into a buffer of the batch
 *
 * The file is in memory before the clock starts. Pieces of 256 KB are the best for it
 * here: their index stays in the cache, and there are few of them.
 *
 * usage: peer_simdjson [--quick] [--events N] [--repeat R] [--data DIR]   reads DIR/bids-N.ndjson
 */
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <vector>

#include "simdjson.h"

namespace od = simdjson::ondemand;

namespace
{

constexpr size_t batch_rows = 2048;

/* As Leat keeps them: the first four bytes beside the length. */
struct view {
    uint32_t len;
    char prefix[4];
    const char *data;
};

struct batch {
    size_t len = 0;
    int64_t auction[batch_rows], bidder[batch_rows], price[batch_rows], time_us[batch_rows];
    view channel[batch_rows], url[batch_rows], extra[batch_rows];
    std::vector<uint8_t> text = std::vector<uint8_t>(batch_rows * 8192);
    uint8_t *text_end = text.data();
};

struct result {
    uint64_t events = 0, rows = 0, checksum = 0;
};

view view_of(const char *data, size_t len)
{
    view v{};
    v.len = static_cast<uint32_t>(len);
    v.data = data;
    std::memcpy(v.prefix, data, len < 4 ? len : 4);
    return v;
}

/* Two digits; false if one is none. */
bool two(const char *p, unsigned *out)
{
    unsigned a = static_cast<unsigned>(p[0] - '0'), b = static_cast<unsigned>(p[1] - '0');
    *out = a * 10 + b;
    return a < 10 && b < 10;
}

/* Days from 1970-01-01 of a date in the Gregorian calendar. */
int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const unsigned yoe = static_cast<unsigned>(year - era * 400);
    const unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + static_cast<int64_t>(doe) - 719468;
}

/* yyyy-MM-dd HH:mm:ss.SSS, and nothing else. The day's number is kept for the next row. */
bool time_of(std::string_view s, int64_t *out)
{
    static thread_local char last[10];
    static thread_local int64_t last_us = INT64_MIN;
    unsigned century, year, month, day, hour, minute, second;
    if (s.size() != 23)
        return false;
    const char *p = s.data();
    if (last_us == INT64_MIN || std::memcmp(last, p, 10) != 0) {
        if (!two(p, &century) || !two(p + 2, &year) || !two(p + 5, &month) || !two(p + 8, &day) ||
            p[4] != '-' || p[7] != '-' || month < 1 || month > 12 || day < 1 || day > 31)
            return false;
        last_us = days_of(century * 100 + year, month, day) * INT64_C(86400000000);
        std::memcpy(last, p, 10);
    }
    unsigned milli = static_cast<unsigned>(p[20] - '0'), low;
    if (!two(p + 11, &hour) || !two(p + 14, &minute) || !two(p + 17, &second) || milli > 9 ||
        !two(p + 21, &low) || p[10] != ' ' || p[13] != ':' || p[16] != ':' || p[19] != '.' ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    milli = milli * 100 + low;
    *out = last_us + ((hour * 60 + minute) * 60 + second) * INT64_C(1000000) + milli * 1000;
    return true;
}

/* The text of a string token: "..." and the blanks behind it. */
std::string_view text_of(od::value value)
{
    std::string_view token = value.raw_json_token();
    size_t end = token.size() - 1;
    while (token[end] != '"')
        end--;
    return token.substr(1, end - 1);
}

template <bool copied> view string_of(od::value value, batch &to)
{
    if constexpr (!copied) {
        std::string_view raw = text_of(value);
        if (!std::memchr(raw.data(), '\\', raw.size()))
            return view_of(raw.data(), raw.size());
    }
    std::string_view text = value.get_string();
    char *at = reinterpret_cast<char *>(to.text_end);
    std::memcpy(at, text.data(), text.size());
    to.text_end += text.size();
    return view_of(at, text.size());
}

template <bool copied> void seven_fields(od::object row, batch &to)
{
    size_t n = to.len;
    to.auction[n] = row.find_field("auction").get_int64();
    to.bidder[n] = row.find_field("bidder").get_int64();
    to.price[n] = row.find_field("price").get_int64();
    to.channel[n] = string_of<copied>(row.find_field("channel").value(), to);
    to.url[n] = string_of<copied>(row.find_field("url").value(), to);
    if (!time_of(text_of(row.find_field("dateTime").value()), &to.time_us[n]))
        throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
    to.extra[n] = string_of<copied>(row.find_field("extra").value(), to);
    to.len++;
}

/* As q2: a row that is not wanted is written over by the next. */
void two_fields(od::object row, batch &to)
{
    size_t n = to.len;
    to.auction[n] = row.find_field("auction").get_int64();
    to.price[n] = row.find_field("price").get_int64();
    to.len += to.auction[n] % 123 == 0;
}

uint64_t sum(const int64_t *values, size_t n)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += static_cast<uint64_t>(values[i]);
    return total;
}

uint64_t sum(const view *values, size_t n)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += values[i].len;
    return total;
}

void drain(batch &b, bool all, result &r)
{
    r.rows += b.len;
    r.checksum += sum(b.auction, b.len) + sum(b.price, b.len);
    if (all)
        r.checksum += sum(b.bidder, b.len) + sum(b.time_us, b.len) + sum(b.channel, b.len) +
                      sum(b.url, b.len) + sum(b.extra, b.len);
    b.len = 0;
    b.text_end = b.text.data();
}

template <typename Row>
result decode(od::parser &parser, batch &b, const simdjson::padded_string &text, bool all, Row row)
{
    result r;
    od::document_stream lines = parser.iterate_many(text, size_t{1} << 18);
    for (auto line : lines) {
        r.events++;
        row(line.get_object().value(), b);
        if (b.len == batch_rows)
            drain(b, all, r);
    }
    drain(b, all, r);
    return r;
}

double user_now()
{
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec) +
           static_cast<double>(used.ru_utime.tv_usec) * 1e-6;
}

void print_list(const char *key, const std::vector<double> &values)
{
    std::printf(",\"%s\":[", key);
    for (size_t i = 0; i < values.size(); i++)
        std::printf("%s%.6f", i ? "," : "", values[i]);
    std::printf("]");
}

template <typename Row>
void run(const char *workload, const char *note, const simdjson::padded_string &text, bool all,
         int repeats, Row row)
{
    od::parser parser;
    static batch b;
    result r = decode(parser, b, text, all, row); // warms up
    std::vector<double> seconds, user;
    for (int i = 0; i < repeats; i++) {
        auto start = std::chrono::steady_clock::now();
        double used = user_now();
        r = decode(parser, b, text, all, row);
        std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        seconds.push_back(took.count());
        user.push_back(user_now() - used);
    }
    std::printf("{\"by\":\"simdjson\",\"workload\":\"%s\",\"source\":\"json\",\"partitions\":1,"
                "\"events\":%" PRIu64 ",\"rows\":%" PRIu64 ",\"bytes\":%zu",
                workload, r.events, r.rows, text.size());
    print_list("seconds", seconds);
    print_list("user", user);
    std::printf(",\"note\":\"simdjson %d.%d.%d on demand (%s), from memory; %s\"}\n",
                static_cast<int>(simdjson::SIMDJSON_VERSION_MAJOR),
                static_cast<int>(simdjson::SIMDJSON_VERSION_MINOR),
                static_cast<int>(simdjson::SIMDJSON_VERSION_REVISION),
                simdjson::builtin_implementation()->name().c_str(), note);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv)
{
    const char *dir = "bench/out/data", *events = "1000000";
    int repeats = 5;
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (std::strcmp(argv[i], "--quick") == 0)
            events = "100000", repeats = 2;
        else if (std::strcmp(argv[i], "--events") == 0 && more)
            events = argv[++i];
        else if (std::strcmp(argv[i], "--repeat") == 0 && more)
            repeats = static_cast<int>(std::strtol(argv[++i], nullptr, 10));
        else if (std::strcmp(argv[i], "--data") == 0 && more)
            dir = argv[++i];
    }
    std::string path = std::string(dir) + "/bids-" + events + ".ndjson";
    try {
        simdjson::padded_string text = simdjson::padded_string::load(path);
        run("bids", "strings where they lie", text, true, repeats, seven_fields<false>);
        run("bids-copied", "strings copied", text, true, repeats, seven_fields<true>);
        run("q2", "auction and price only", text, false, repeats, two_fields);
    } catch (const std::exception &e) {
        std::printf("{\"by\":\"simdjson\",\"workload\":\"bids\",\"source\":\"json\","
                    "\"skipped\":\"%s: %s\"}\n",
                    path.c_str(), e.what());
    }
    return 0;
}
