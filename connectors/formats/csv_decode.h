/* csv_decode.h -- what the parts of the csv decoder share.
 *
 *   csv_decode.c    drives: marks, blank lines, comments, the header
 *   csv_record.c    one record after the other, byte by byte: says what csv is
 *   csv_window.c    many records at once, found by the index of structural bytes
 *   csv_column.c    one column of such records at once
 *
 * The last two are there for speed and know only the plain case. Whatever they
 * do not expect they leave, unread, to csv_record.c. */
#ifndef LT_CONNECTORS_FORMATS_CSV_DECODE_H
#define LT_CONNECTORS_FORMATS_CSV_DECODE_H

#include "connectors/formats/csv.h"
#include "connectors/formats/structural.h"

struct lt_csv_window;

struct lt_decoder {
    struct lt_alloc *alloc;
    struct lt_arena arena;
    struct lt_csv_options options;
    const struct lt_tz *zone;
    const struct lt_schema *physical;
    uint32_t n_wanted;
    const uint32_t *wanted; /* output column -> physical column */
    uint32_t n_fields;      /* of a record */
    uint32_t fields_cap;
    int32_t *target;       /* field -> output column, or -1 */
    uint32_t *field_of;    /* output column -> field */
    struct lt_buf scratch; /* a field without its escapes */
    struct lt_buf source;  /* name for messages */
    uint64_t line;         /* of the next record */
    uint64_t bad;
    bool fresh;                   /* at the start of a file: a byte order mark may come */
    bool want_header;             /* the next record is the header */
    struct lt_csv_window *window; /* NULL: only csv_record.c reads */
};

/* How a field ends. */
enum lt_csv_end {
    CSV_DELIMITER, /* another field follows */
    CSV_EOL,       /* so does the record */
    CSV_MORE,      /* cannot tell before more bytes come */
    CSV_OPEN,      /* a quote is never closed */
    CSV_GARBAGE,   /* text after the closing quote */
};

struct lt_csv_field {
    struct lt_str text;
    bool quoted;
    bool escaped; /* doubled quotes or escape characters are inside */
};

/* One record while it is read. */
struct lt_csv_record {
    struct lt_buffer *buffer;
    const char *start, *at, *end;
    bool last;
};

enum lt_csv_result { CSV_ROW, CSV_SKIP, CSV_WAIT };

/* ---- csv_record.c ------------------------------------------------------- */

enum lt_csv_end lt_csv_next(const struct lt_decoder *dec, struct lt_csv_record *rec,
                            struct lt_csv_field *field);
/* The field's text without quotes and escapes; scratch holds it when it had some. */
lt_status lt_csv_text(struct lt_decoder *dec, const struct lt_csv_field *field,
                      struct lt_str *out) LT_MUST_CHECK;
/* "file.csv: line 3, column 7: <what>", for a place in the record. */
lt_status lt_csv_fail(struct lt_decoder *dec, const struct lt_csv_record *rec, const char *place,
                      struct lt_error *err, const char *what);
/* One value; LT_DATA, without a message, when the text is none. */
lt_status lt_csv_put(struct lt_decoder *dec, struct lt_column *col, uint32_t row,
                     const struct lt_csv_field *field, struct lt_buffer *buffer) LT_MUST_CHECK;
lt_status lt_csv_record_read(struct lt_decoder *dec, struct lt_csv_record *rec,
                             struct lt_batch_builder *into, enum lt_csv_result *result,
                             struct lt_error *err) LT_MUST_CHECK;

/* ---- csv_window.c ------------------------------------------------------- */

enum { LT_CSV_WINDOW_SIZE = 32 * 1024 - 64 };

/* Records [0, n) of one stretch of text, all with `stride` fields. Field f of record r lies
 * behind ends[r * stride + f - 1] and before ends[r * stride + f], both counted from `data`;
 * ends[-1] is that of the record before, or 0xFFFF at the very start. */
struct lt_csv_run {
    const char *data;
    const uint16_t *ends;
    uint32_t n, stride;
    bool quotes; /* some fields may be quoted */
    bool valid;  /* all of it is UTF-8 */
    struct lt_buffer *buffer;
};

/* NULL without a failure: options that only csv_record.c knows. */
lt_status lt_csv_window_open(struct lt_decoder *dec, const struct lt_structural *level,
                             struct lt_csv_window **out) LT_MUST_CHECK;
void lt_csv_window_close(struct lt_decoder *dec);
/* Forgets what was indexed: other bytes come. */
void lt_csv_window_clear(struct lt_csv_window *window);
/* Appends what it can of the records at rec->at, at most max_rows; rec->at moves behind them.
 * None, and LT_OK: the next record is csv_record.c's. */
lt_status lt_csv_window_read(struct lt_decoder *dec, struct lt_csv_record *rec, uint32_t max_rows,
                             struct lt_batch_builder *into) LT_MUST_CHECK;

/* ---- csv_column.c ------------------------------------------------------- */

/* Reads field n of every record of the run into rows [row, row + run->n). LT_DATA: some value is
 * bad, and which, and what follows from that, is csv_record.c's to say. */
lt_status lt_csv_column_read(struct lt_decoder *dec, const struct lt_csv_run *run, uint32_t n,
                             struct lt_column *col, uint32_t row) LT_MUST_CHECK;

#endif
