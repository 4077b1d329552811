/* ast.h -- the syntax tree: what the text says, before any name means anything.
 *
 * Every node lives in the statement arena, carries the position of its text,
 * and is never changed after the parser returns. Names keep the case they were
 * written in; a quoted name is marked so, because only the unparser cares.
 * Functions, aggregates, windows and types other than the built-in ones are
 * names here; the binder resolves them. Lists are singly linked through `next`. */
#ifndef LT_PARSER_AST_H
#define LT_PARSER_AST_H

#include "base/arena.h"

struct lt_ast_expr;
struct lt_ast_query;
struct lt_ast_pattern;

/* A name, one part of a dotted path: a.b.c is three, `*` ends r.* and t.*. */
struct lt_ast_name {
    struct lt_str text; /* unquoted, unescaped; NUL-terminated */
    struct lt_pos pos;
    bool quoted;
    struct lt_ast_name *next;
};

/* 'key' = 'value' in WITH, SET, hints and partition-like lists. */
struct lt_ast_option {
    struct lt_str key;
    struct lt_str value;
    struct lt_pos pos;
    struct lt_ast_option *next;
};

struct lt_ast_hint { /* one of a comment of the form slash-star-plus */
    struct lt_str name;
    struct lt_ast_option *options; /* a bare argument has an empty value */
    struct lt_pos pos;
    struct lt_ast_hint *next;
};

/* ---- types ---------------------------------------------------------- */

struct lt_ast_field {
    struct lt_ast_name *name;
    struct lt_ast_type *type;
    struct lt_str comment;
    struct lt_ast_field *next;
};

struct lt_ast_type {
    struct lt_str name; /* upper-cased: "BIGINT", "TIMESTAMP_LTZ", "ROW", "INTERVAL" ... */
    struct lt_pos pos;
    int32_t args[2]; /* precision/length and scale; -1 = not given */
    struct lt_str unit_from, unit_to; /* INTERVAL: "DAY", "SECOND"; else empty */
    struct lt_ast_type *element;      /* ARRAY, MULTISET; the value of a MAP */
    struct lt_ast_type *key;          /* MAP */
    struct lt_ast_field *fields;      /* ROW */
    bool not_null;
};

/* ---- expressions ---------------------------------------------------- */

enum lt_ast_expr_kind {
    LT_AST_LITERAL_NULL,
    LT_AST_LITERAL_BOOL,     /* u.boolean */
    LT_AST_LITERAL_NUMBER,   /* u.text as written: 12, 1.50, 1e3 */
    LT_AST_LITERAL_STRING,   /* u.text unescaped */
    LT_AST_LITERAL_BINARY,   /* X'0a': u.text holds the bytes */
    LT_AST_LITERAL_DATE,     /* DATE '...', TIME '...', TIMESTAMP '...': u.text */
    LT_AST_LITERAL_TIME,
    LT_AST_LITERAL_TIMESTAMP,
    LT_AST_LITERAL_TIMESTAMP_LTZ, /* TIMESTAMP_LTZ '...' / TIMESTAMP WITH LOCAL TIME ZONE '...' */
    LT_AST_LITERAL_INTERVAL, /* u.interval */
    LT_AST_PARAMETER,        /* ?: u.index, from 0 in text order */
    LT_AST_COLUMN,           /* u.path: a, t.a, p.name.first (column or field: the binder says) */
    LT_AST_STAR,             /* *, t.*, r.*: u.path is what stands before it, or NULL */
    LT_AST_UNARY,            /* u.op: NEG, POS, NOT, IS_* */
    LT_AST_BINARY,           /* u.op */
    LT_AST_BETWEEN,          /* u.between */
    LT_AST_LIKE,             /* u.like: LIKE, ILIKE, SIMILAR TO, RLIKE/REGEXP */
    LT_AST_IN_LIST,          /* u.in */
    LT_AST_IN_QUERY,         /* u.subquery with `left` */
    LT_AST_EXISTS,           /* u.subquery */
    LT_AST_QUANTIFIED,       /* u.subquery: left op ANY|ALL (query) */
    LT_AST_SCALAR_QUERY,     /* u.subquery */
    LT_AST_CASE,             /* u.cases */
    LT_AST_CAST,             /* u.cast; TRY_CAST too */
    LT_AST_CALL,             /* u.call: any f(...), windowed or not */
    LT_AST_ROW,              /* u.list: ROW(a, b) or (a, b) */
    LT_AST_ARRAY,            /* u.list: ARRAY[...] */
    LT_AST_ARRAY_QUERY,      /* u.subquery: ARRAY(SELECT ...) */
    LT_AST_MAP,              /* u.list: MAP[k, v, ...] */
    LT_AST_MULTISET,         /* u.list: MULTISET[...] */
    LT_AST_INDEX,            /* u.index_of: a[1], m['k'] */
    LT_AST_FIELD,            /* u.field_of: f(x).name, (r).name */
    LT_AST_EXTRACT,          /* u.extract: EXTRACT(unit FROM x) */
    LT_AST_NAMED_ARG,        /* u.named: name => value */
    LT_AST_DESCRIPTOR,       /* u.path list through names: DESCRIPTOR(a, b) */
    LT_AST_TABLE_ARG,        /* u.table_arg: TABLE t [PARTITION BY ...] [ORDER BY ...] */
    LT_AST_INTERVAL_EXPR,    /* INTERVAL expr unit as TIMESTAMPADD-like sugar; u.extract */
    LT_AST_UNIT,             /* a time unit word as an argument: FLOOR(ts TO HOUR): u.text */
};

enum lt_ast_op {
    LT_AST_OP_NONE,
    LT_AST_OP_NEG, LT_AST_OP_POS, LT_AST_OP_NOT,
    LT_AST_OP_IS_NULL, LT_AST_OP_IS_NOT_NULL, LT_AST_OP_IS_TRUE, LT_AST_OP_IS_NOT_TRUE,
    LT_AST_OP_IS_FALSE, LT_AST_OP_IS_NOT_FALSE, LT_AST_OP_IS_UNKNOWN, LT_AST_OP_IS_NOT_UNKNOWN,
    LT_AST_OP_IS_JSON, LT_AST_OP_IS_NOT_JSON,     /* [VALUE]; also OBJECT, ARRAY, SCALAR: */
    LT_AST_OP_IS_JSON_OBJECT, LT_AST_OP_IS_NOT_JSON_OBJECT,
    LT_AST_OP_IS_JSON_ARRAY, LT_AST_OP_IS_NOT_JSON_ARRAY,
    LT_AST_OP_IS_JSON_SCALAR, LT_AST_OP_IS_NOT_JSON_SCALAR,
    LT_AST_OP_OR, LT_AST_OP_AND,
    LT_AST_OP_EQ, LT_AST_OP_NE, LT_AST_OP_LT, LT_AST_OP_LE, LT_AST_OP_GT, LT_AST_OP_GE,
    LT_AST_OP_IS_DISTINCT, LT_AST_OP_IS_NOT_DISTINCT,
    LT_AST_OP_ADD, LT_AST_OP_SUB, LT_AST_OP_MUL, LT_AST_OP_DIV, LT_AST_OP_MOD,
    LT_AST_OP_CONCAT, LT_AST_OP_AT_TIME_ZONE, LT_AST_OP_OVERLAPS,
    LT_AST_OP_LIKE, LT_AST_OP_ILIKE, LT_AST_OP_SIMILAR, LT_AST_OP_REGEXP,
};

struct lt_ast_exprs { /* a list of expressions */
    struct lt_ast_expr *expr;
    struct lt_ast_exprs *next;
};

struct lt_ast_order {
    struct lt_ast_expr *expr;
    bool descending;
    enum { LT_AST_NULLS_DEFAULT, LT_AST_NULLS_FIRST, LT_AST_NULLS_LAST } nulls;
    struct lt_ast_order *next;
};

struct lt_ast_bound { /* of an OVER frame */
    enum {
        LT_AST_UNBOUNDED_PRECEDING, LT_AST_PRECEDING, LT_AST_CURRENT_ROW,
        LT_AST_FOLLOWING, LT_AST_UNBOUNDED_FOLLOWING
    } kind;
    struct lt_ast_expr *offset;
};

struct lt_ast_window { /* OVER (...) or WINDOW w AS (...) */
    struct lt_ast_name *name; /* WINDOW clause: its name; OVER w: the reference */
    struct lt_ast_name *base; /* OVER (w ORDER BY ...) */
    struct lt_ast_exprs *partition;
    struct lt_ast_order *order;
    enum { LT_AST_FRAME_NONE, LT_AST_FRAME_ROWS, LT_AST_FRAME_RANGE } frame;
    struct lt_ast_bound from, to;
    uint32_t depth;
    struct lt_pos pos;
    struct lt_ast_window *next;
};

struct lt_ast_call {
    struct lt_ast_name *name;   /* dotted path for a user function */
    struct lt_ast_exprs *args;  /* COUNT(*) has one LT_AST_STAR */
    bool distinct;
    struct lt_ast_order *order;        /* inside the parentheses: f(x ORDER BY y) */
    struct lt_ast_order *within_group; /* WITHIN GROUP (ORDER BY y) */
    struct lt_ast_expr *filter;        /* FILTER (WHERE ...) */
    struct lt_ast_window *over;
    enum { LT_AST_SEMANTICS_DEFAULT, LT_AST_RUNNING, LT_AST_FINAL } semantics; /* patterns */
    enum { LT_AST_NULLS_UNSAID, LT_AST_IGNORE_NULLS, LT_AST_RESPECT_NULLS } nulls;
    /* Words that qualify arguments, upper-cased, in order: TRIM's BOTH, LEADING or
     * TRAILING; JSON_VALUE's "NULL ON EMPTY", "DEFAULT ON ERROR" (its expression is
     * in on_error); JSON_QUERY's "WITH WRAPPER"; JSON_OBJECT's "ABSENT ON NULL".
     * Special forms leave plain arguments: TRIM(x, chars), SUBSTRING(x, from, for),
     * POSITION(a, b), OVERLAY(x, y, from, for), FLOOR(x, UNIT), JSON_OBJECT(k, v, ...). */
    struct lt_ast_option *words; /* key = clause; value empty or text; expr below */
    struct lt_ast_type *returning; /* JSON_VALUE(... RETURNING t) */
    struct lt_ast_expr *on_empty, *on_error; /* JSON_VALUE DEFAULT x ON EMPTY|ERROR */
};

struct lt_ast_when {
    struct lt_ast_expr *when, *then;
    struct lt_ast_when *next;
};

struct lt_ast_expr {
    enum lt_ast_expr_kind kind;
    bool parenthesised; /* written in parentheses of its own */
    uint32_t depth;     /* levels of this tree, at most LT_PARSER_TREE_DEPTH_MAX */
    struct lt_pos pos;
    union {
        bool boolean;
        uint32_t index;
        struct lt_str text;
        struct lt_ast_name *path;
        struct lt_ast_exprs *list;
        struct {
            enum lt_ast_op op;
            struct lt_ast_expr *left, *right;
        } op;
        struct {
            struct lt_ast_expr *value, *low, *high;
            bool negated, symmetric;
        } between;
        struct {
            enum lt_ast_op op; /* LIKE, ILIKE, SIMILAR, REGEXP */
            struct lt_ast_expr *value, *pattern, *escape;
            bool negated;
        } like;
        struct {
            struct lt_ast_expr *value;
            struct lt_ast_exprs *list;
            bool negated;
        } in;
        struct {
            struct lt_ast_expr *left; /* IN, quantified; else NULL */
            struct lt_ast_query *query;
            enum lt_ast_op op; /* quantified */
            bool negated;      /* NOT IN */
            bool all;          /* quantified: ALL, else ANY/SOME */
        } subquery;
        struct {
            struct lt_ast_expr *value; /* simple CASE; NULL when searched */
            struct lt_ast_when *whens;
            struct lt_ast_expr *otherwise;
        } cases;
        struct {
            struct lt_ast_expr *value;
            struct lt_ast_type *type;
            bool try_cast;
        } cast;
        struct lt_ast_call *call;
        struct {
            struct lt_ast_expr *value, *index;
        } index_of;
        struct {
            struct lt_ast_expr *value;
            struct lt_ast_name *field; /* `*` spelled as a name "*" for r.* */
        } field_of;
        struct {
            struct lt_str unit; /* upper-cased */
            struct lt_ast_expr *value;
        } extract;
        struct {
            struct lt_str text; /* '1-2', '10', '1 02:03:04.5' */
            bool negative;
            struct lt_str unit_from, unit_to; /* upper-cased; unit_to may be empty */
            int32_t precision;                /* DAY(3), SECOND(3); -1 = not given */
        } interval;
        struct {
            struct lt_ast_name *name;
            struct lt_ast_expr *value;
        } named;
        struct {
            struct lt_ast_name *table; /* TABLE t */
            struct lt_ast_query *query; /* TABLE (SELECT ...): else NULL */
            struct lt_ast_exprs *partition;
            struct lt_ast_order *order;
        } table_arg;
    } u;
};

/* ---- patterns ------------------------------------------------------- */

enum lt_ast_pattern_kind {
    LT_AST_PATTERN_VARIABLE,
    LT_AST_PATTERN_CONCAT,  /* children in order */
    LT_AST_PATTERN_ALTER,   /* a | b */
    LT_AST_PATTERN_REPEAT,  /* one child, min, max (-1 = unbounded), greedy */
    LT_AST_PATTERN_PERMUTE,
    LT_AST_PATTERN_EXCLUDE, /* {- a -} */
    LT_AST_PATTERN_START,   /* ^ */
    LT_AST_PATTERN_END,     /* $ */
    LT_AST_PATTERN_EMPTY,   /* () */
    LT_AST_PATTERN_TIMEOUT, /* TIMEOUT() */
};

struct lt_ast_pattern {
    enum lt_ast_pattern_kind kind;
    struct lt_pos pos;
    struct lt_ast_name *variable;
    struct lt_ast_pattern *children;
    int64_t min, max;
    bool reluctant;
    struct lt_ast_pattern *next;
};

struct lt_ast_measure {
    struct lt_ast_expr *expr; /* FINAL/RUNNING stand in the call */
    enum { LT_AST_MEASURE_DEFAULT, LT_AST_MEASURE_RUNNING, LT_AST_MEASURE_FINAL } semantics;
    struct lt_ast_name *alias;
    struct lt_ast_measure *next;
};

struct lt_ast_define { /* DEFINE a AS cond; SUBSET u = (a, b) uses `members` */
    struct lt_ast_name *name;
    struct lt_ast_expr *condition;
    struct lt_ast_name *members;
    struct lt_ast_define *next;
};

struct lt_ast_match {
    struct lt_ast_exprs *partition;
    struct lt_ast_order *order;
    struct lt_ast_measure *measures;
    enum {
        LT_AST_ROWS_DEFAULT, LT_AST_ONE_ROW, LT_AST_ALL_ROWS, LT_AST_ALL_ROWS_SHOW_EMPTY,
        LT_AST_ALL_ROWS_OMIT_EMPTY, LT_AST_ALL_ROWS_WITH_UNMATCHED
    } rows;
    bool timeout_rows;
    enum {
        LT_AST_SKIP_DEFAULT, LT_AST_SKIP_PAST_LAST, LT_AST_SKIP_TO_NEXT,
        LT_AST_SKIP_TO_FIRST, LT_AST_SKIP_TO_LAST /* also "TO v" */
    } skip;
    struct lt_ast_name *skip_variable;
    struct lt_ast_pattern *pattern;
    struct lt_ast_expr *within;
    struct lt_ast_define *subsets;
    struct lt_ast_define *defines;
    uint32_t depth;
    struct lt_pos pos;
};

/* ---- table references ----------------------------------------------- */

enum lt_ast_from_kind {
    LT_AST_FROM_TABLE,    /* path, hints, system_time */
    LT_AST_FROM_QUERY,    /* query; lateral */
    LT_AST_FROM_FUNCTION, /* call: TUMBLE(...), TABLE(f(...)), LATERAL TABLE(f(...)) */
    LT_AST_FROM_UNNEST,   /* unnest list, ordinality */
    LT_AST_FROM_VALUES,   /* (VALUES ...) AS t(a, b) is a FROM_QUERY; kept for TABLE arguments */
    LT_AST_FROM_JOIN,
    LT_AST_FROM_MATCH, /* input MATCH_RECOGNIZE (...) */
};

enum lt_ast_join_kind {
    LT_AST_JOIN_INNER, LT_AST_JOIN_LEFT, LT_AST_JOIN_RIGHT, LT_AST_JOIN_FULL,
    LT_AST_JOIN_CROSS, LT_AST_JOIN_COMMA, LT_AST_JOIN_SEMI, LT_AST_JOIN_ANTI
};

struct lt_ast_from {
    enum lt_ast_from_kind kind;
    uint32_t depth;
    struct lt_pos pos;
    struct lt_ast_name *path;
    struct lt_ast_hint *hints;
    struct lt_ast_expr *system_time; /* FOR SYSTEM_TIME AS OF x */
    struct lt_ast_query *query;
    bool lateral;
    bool table_keyword; /* written as TABLE(f(...)) */
    struct lt_ast_expr *call; /* LT_AST_CALL */
    struct lt_ast_exprs *unnest;
    bool ordinality;
    enum lt_ast_join_kind join;
    bool natural, asof;
    struct lt_ast_from *left, *right; /* JOIN; `left` is also the input of MATCH */
    struct lt_ast_expr *on;
    struct lt_ast_name *using_columns;
    struct lt_ast_expr *match_condition; /* ASOF */
    struct lt_ast_match *match;
    struct lt_ast_name *alias;
    struct lt_ast_name *column_aliases;
};

/* ---- queries -------------------------------------------------------- */

struct lt_ast_select_item {
    struct lt_ast_expr *expr;
    struct lt_ast_name *alias;
    struct lt_ast_select_item *next;
};

enum lt_ast_group_kind {
    LT_AST_GROUP_EXPR, LT_AST_GROUP_SETS, LT_AST_GROUP_ROLLUP, LT_AST_GROUP_CUBE,
    LT_AST_GROUP_TUPLE /* (a, b) or () inside the others */
};

struct lt_ast_group {
    enum lt_ast_group_kind kind;
    struct lt_ast_expr *expr;
    struct lt_ast_group *children;
    struct lt_pos pos;
    struct lt_ast_group *next;
};

struct lt_ast_emit {
    struct lt_pos pos; /* pos.line 0: no EMIT clause */
    struct lt_pos early_pos, watermark_pos, late_pos, mode_pos, late_rows_pos;
    bool early;
    struct lt_ast_expr *early_every; /* an interval */
    struct lt_ast_expr *early_rows;  /* EVERY n ROWS */
    bool early_on_change;
    bool at_watermark;
    bool late;
    struct lt_ast_expr *late_every;
    bool late_on_change;
    struct lt_ast_expr *late_within;
    enum {
        LT_AST_EMIT_MODE_DEFAULT,
        LT_AST_DISCARDING,
        LT_AST_ACCUMULATING,
        LT_AST_RETRACTING
    } mode;
    struct lt_ast_name *late_rows_of;
    struct lt_ast_name *late_rows_into;
};

enum lt_ast_query_kind { LT_AST_SELECT, LT_AST_VALUES, LT_AST_SET_OP };
enum lt_ast_set_op { LT_AST_UNION, LT_AST_INTERSECT, LT_AST_EXCEPT };

struct lt_ast_with {
    struct lt_ast_name *name;
    struct lt_ast_name *columns;
    struct lt_ast_query *query;
    struct lt_ast_with *next;
};

struct lt_ast_values_row {
    struct lt_ast_exprs *exprs;
    struct lt_pos pos;
    struct lt_ast_values_row *next;
};

struct lt_ast_query {
    enum lt_ast_query_kind kind;
    uint32_t depth;
    struct lt_pos pos;
    bool parenthesised;
    struct lt_ast_with *with;
    bool recursive;
    /* SELECT */
    bool distinct;
    struct lt_ast_hint *hints;
    struct lt_ast_select_item *items;
    struct lt_ast_from *from; /* NULL: SELECT 1 */
    struct lt_ast_expr *where;
    struct lt_ast_group *group;
    bool group_distinct;
    struct lt_ast_expr *having;
    struct lt_ast_expr *qualify;
    struct lt_ast_window *windows;
    /* VALUES */
    struct lt_ast_values_row *values;
    /* SET OP */
    enum lt_ast_set_op set_op;
    bool all;
    struct lt_ast_query *left, *right;
    /* any of them */
    struct lt_ast_order *order;
    struct lt_ast_expr *limit, *offset;
    struct lt_ast_emit emit;
};

/* ---- definitions and statements -------------------------------------- */

struct lt_ast_column {
    struct lt_ast_name *name;
    struct lt_ast_type *type;      /* NULL when computed */
    struct lt_ast_expr *computed;  /* name AS expr */
    bool metadata, metadata_virtual;
    struct lt_str metadata_key; /* FROM 'key'; empty: the column's name */
    bool primary_key;           /* written at the column */
    struct lt_str comment;
    struct lt_pos pos;
    struct lt_ast_column *next;
};

struct lt_ast_like {
    struct lt_ast_name *table;
    struct lt_ast_option *options; /* key "INCLUDING"|"EXCLUDING"|"OVERWRITING", value "ALL"... */
    struct lt_pos pos;
};

struct lt_ast_create_table {
    struct lt_ast_name *path;
    bool temporary, if_not_exists, or_replace;
    struct lt_ast_column *columns;
    struct lt_ast_name *watermark_column; /* NULL: no WATERMARK */
    struct lt_ast_expr *watermark;
    struct lt_ast_name *primary_key;
    struct lt_ast_name *partitioned_by;
    struct lt_str comment;
    struct lt_ast_option *options; /* WITH */
    bool has_with;
    struct lt_ast_like *like;
    struct lt_ast_query *query; /* AS SELECT */
};

enum lt_ast_alter_kind {
    LT_AST_ALTER_SET, LT_AST_ALTER_RESET, LT_AST_ALTER_RENAME, LT_AST_ALTER_RENAME_COLUMN,
    LT_AST_ALTER_ADD, LT_AST_ALTER_MODIFY, LT_AST_ALTER_DROP_COLUMN, LT_AST_ALTER_DROP_WATERMARK,
    LT_AST_ALTER_DROP_PRIMARY_KEY,
    LT_AST_ALTER_AS /* ALTER VIEW v AS query; object says TABLE or VIEW */
};

enum lt_ast_object { /* what CREATE, DROP, SHOW, DESCRIBE, USE name */
    LT_AST_TABLE, LT_AST_VIEW, LT_AST_MATERIALIZED_VIEW, LT_AST_FUNCTION, LT_AST_DATABASE,
    LT_AST_CATALOG, LT_AST_QUERY_OBJECT, LT_AST_COLUMNS, LT_AST_JOBS, LT_AST_MODULES,
    LT_AST_SETTINGS
};

enum lt_ast_stmt_kind {
    LT_AST_STMT_QUERY,          /* query */
    LT_AST_STMT_INSERT,         /* insert */
    LT_AST_STMT_UPDATE,         /* update */
    LT_AST_STMT_DELETE,         /* update (no assignments) */
    LT_AST_STMT_STATEMENT_SET,  /* inserts: EXECUTE STATEMENT SET, BEGIN STATEMENT SET */
    LT_AST_STMT_EXPLAIN,        /* explained; EXPLAIN QUERY q: object, path, no `explained` */
    LT_AST_STMT_CREATE_TABLE,   /* create_table */
    LT_AST_STMT_CREATE_VIEW,    /* create_view; materialized too */
    LT_AST_STMT_CREATE_FUNCTION,
    LT_AST_STMT_CREATE_DATABASE, /* also CATALOG: object */
    LT_AST_STMT_CREATE_QUERY,    /* CREATE QUERY q AS INSERT ... : inserts */
    LT_AST_STMT_DROP,            /* object, path */
    LT_AST_STMT_ALTER_TABLE,
    LT_AST_STMT_ALTER_QUERY, /* PAUSE | RESUME | CANCEL QUERY q: `word` */
    LT_AST_STMT_USE,         /* object, path */
    LT_AST_STMT_SHOW,        /* object (plural), path, like */
    LT_AST_STMT_SHOW_CREATE, /* object, path */
    LT_AST_STMT_DESCRIBE,    /* path */
    LT_AST_STMT_SET,         /* options (one) or none: show all */
    LT_AST_STMT_RESET,       /* options (one) or none: all */
    LT_AST_STMT_SUBSCRIBE,
};

struct lt_ast_assign {
    struct lt_ast_name *column;
    struct lt_ast_expr *value;
    struct lt_ast_assign *next;
};

struct lt_ast_stmt {
    enum lt_ast_stmt_kind kind;
    struct lt_pos pos;
    struct lt_str text; /* the statement as written, without the ';' */
    uint32_t n_parameters;
    enum lt_ast_object object;
    struct lt_ast_name *path; /* what it is about; INSERT's target */
    bool if_exists, if_not_exists, temporary, or_replace, overwrite, cascade;
    bool system; /* TEMPORARY SYSTEM FUNCTION */
    struct lt_ast_query *query;
    struct lt_ast_name *columns; /* INSERT's and CREATE VIEW's */
    struct lt_ast_option *partition; /* INSERT ... PARTITION (k='v') */
    struct lt_ast_hint *hints;       /* of INSERT's target */
    struct lt_ast_option *options;   /* SET, RESET, CREATE DATABASE ... WITH, ALTER SET */
    struct lt_str comment;
    struct lt_ast_create_table *create_table;
    struct lt_ast_stmt *inserts; /* STATEMENT SET, CREATE QUERY */
    /* UPDATE, DELETE */
    struct lt_ast_assign *assigns;
    struct lt_ast_expr *where;
    /* EXPLAIN */
    struct lt_ast_stmt *explained;
    struct lt_ast_option *explain_details; /* key: ESTIMATED_COST, CHANGELOG_MODE, FORMAT ... */
    /* CREATE FUNCTION */
    struct lt_str function_class, function_language;
    /* ALTER */
    enum lt_ast_alter_kind alter;
    struct lt_ast_name *new_name;
    struct lt_str word; /* PAUSE, RESUME ... */
    /* SHOW */
    struct lt_str like;
    bool not_like;
    struct lt_str show_word; /* upper-cased plural: "TABLES", "CREATE TABLE" has its own kind */
    /* SUBSCRIBE */
    bool snapshot, progress;
    struct lt_ast_expr *as_of_epoch;
    bool materialized;
    struct lt_ast_stmt *next;
};

#endif
