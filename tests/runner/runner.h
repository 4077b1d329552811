/* runner.h -- scripts as steps, and the ways of playing them. */
#ifndef LT_TESTS_RUNNER_H
#define LT_TESTS_RUNNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- scripts (script.c) ------------------------------------------------------ */

enum step_kind {
    STEP_TABLE,   /* text: "name (columns)"; name: the table */
    STEP_SQL,     /* text: a statement that must succeed */
    STEP_QUERY,   /* text: the query whose rows are compared from here on */
    STEP_FEED,    /* name, split, rows */
    STEP_END,     /* name, or NULL for all tables */
    STEP_ADVANCE, /* amount_us */
    STEP_NOW,     /* amount_us: the clock, before the first query */
    STEP_IDLE,    /* name */
    STEP_LATE,    /* number: late rows so far */
    STEP_EXPECT,  /* rows */
    STEP_ERROR,   /* text: part of the message of the step before */
    STEP_ORDERED, /* the query's rows are compared in order */
};

struct row {
    int sign; /* +1, -1; 0 in a feed and where an expected row has none */
    int n_cells;
    char **cells; /* NULL = the value is NULL */
    long net;     /* scratch of rows.c */
};

struct rows {
    size_t len, cap;
    struct row *items;
};

struct step {
    enum step_kind kind;
    int line;
    char *text, *name, *split;
    int64_t amount_us;
    long number;
    struct rows rows;
};

struct script {
    const char *path;
    size_t n_steps, cap_steps;
    struct step *steps;
};

/* Prints what is wrong with a script to stderr and returns false. */
bool script_read(const char *path, struct script *out);
void script_free(struct script *script);

/* ---- rows (rows.c) ------------------------------------------------------------- */

void *must(void *ptr); /* exits when NULL */
char *text_copy(const char *text, size_t len);
void rows_add(struct rows *rows, struct row row);
void rows_clear(struct rows *rows);
/* True when the two are the same as net multisets, or in order. Else writes what
 * is missing and what is too much to `why`. */
bool rows_equal(const struct rows *expected, const struct rows *actual, bool ordered, char *why,
                size_t why_size);

/* ---- playing (play.c) ------------------------------------------------------------ */

struct way {
    const char *name;
    uint32_t batch_rows; /* 0 = default */
    bool yield;
    bool restore; /* save and load between every two feeds */
    bool faults;  /* allocations fail in turn */
    uint64_t seed;
    bool threads; /* worker threads and the system's clock; not one of the five */
};

struct fault {        /* a counting allocator that fails once */
    uint64_t fail_at; /* 0 = never */
    _Atomic uint64_t count;
    _Atomic bool armed;
    _Atomic size_t live_bytes;
};

/* False for scripts that the way cannot play: threads have no clock to move. */
bool may_play(const struct script *script, const struct way *way);
/* Plays a script once. False: `why` says what differs. With a fault, running out of
 * memory is fine; *count then says how many allocations there were. */
bool play(const struct script *script, const struct way *way, uint32_t partitions,
          struct fault *fault, char *why, size_t why_size);

#endif
