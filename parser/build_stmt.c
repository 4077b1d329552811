/* build_stmt.c -- statements other than definitions. */
#include "parser/build.h"

#include <stdio.h>

struct lt_ast_stmt *lt_build_stmt(struct lt_parse *p, enum lt_ast_stmt_kind kind,
                                  struct lt_pos start, int flags)
{
    struct lt_ast_stmt *stmt = LT_BUILD_NEW(p, struct lt_ast_stmt);
    stmt->kind = kind;
    stmt->pos = lt_build_span(p, start);
    stmt->or_replace = (flags & LT_HEAD_OR_REPLACE) != 0;
    stmt->temporary = (flags & LT_HEAD_TEMPORARY) != 0;
    stmt->system = (flags & LT_HEAD_SYSTEM) != 0;
    stmt->if_not_exists = (flags & LT_HEAD_IF_NOT_EXISTS) != 0;
    stmt->if_exists = (flags & LT_HEAD_IF_EXISTS) != 0;
    stmt->cascade = (flags & LT_HEAD_CASCADE) != 0;
    return stmt;
}

struct lt_ast_stmt *lt_build_query_stmt(struct lt_parse *p, struct lt_ast_query *query)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_QUERY, query->pos, 0);
    stmt->query = query;
    return stmt;
}

struct lt_ast_stmt *lt_build_execute(struct lt_parse *p, struct lt_token t,
                                     struct lt_ast_stmt *insert)
{
    insert->pos = lt_build_span(p, t.pos);
    return insert;
}

struct lt_ast_stmt *lt_build_update(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                    struct lt_list assigns, struct lt_ast_expr *where)
{
    struct lt_ast_stmt *stmt = lt_build_delete(p, t, path, where);
    stmt->kind = LT_AST_STMT_UPDATE;
    stmt->assigns = assigns.first;
    return stmt;
}

struct lt_ast_stmt *lt_build_delete(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                    struct lt_ast_expr *where)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_DELETE, t.pos, 0);
    stmt->object = LT_AST_TABLE;
    stmt->path = path.first;
    stmt->where = where;
    return stmt;
}

struct lt_list lt_build_assign(struct lt_parse *p, struct lt_list list, struct lt_ast_name *column,
                               struct lt_ast_expr *x)
{
    struct lt_ast_assign *assign = LT_BUILD_NEW(p, struct lt_ast_assign);
    assign->column = column;
    assign->value = x;
    return LT_LIST_ADD(list, assign, x->depth);
}

struct lt_ast_stmt *lt_build_insert_head(struct lt_parse *p, struct lt_token t,
                                         struct lt_token into, struct lt_list path,
                                         struct lt_list hints, struct lt_list partition)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_INSERT, t.pos, 0);
    stmt->object = LT_AST_TABLE;
    stmt->overwrite = into.kind == LT_TK_OVERWRITE;
    stmt->path = path.first;
    stmt->hints = hints.first;
    stmt->partition = partition.first;
    return stmt;
}

/* A nested INSERT keeps its own text, for the plan and for messages. */
struct lt_ast_stmt *lt_build_insert(struct lt_parse *p, struct lt_ast_stmt *head,
                                    struct lt_list columns, struct lt_ast_query *query)
{
    head->columns = columns.first;
    head->query = query;
    head->pos = lt_build_span(p, head->pos);
    head->text = lt_build_span_text(p, head->pos);
    return head;
}

struct lt_ast_option *lt_build_partition_key(struct lt_parse *p, struct lt_ast_name *name,
                                             struct lt_token value)
{
    struct lt_ast_option *option = LT_BUILD_NEW(p, struct lt_ast_option);
    option->key = name->text;
    option->value =
        value.kind == LT_TK_STRING ? lt_build_text(p, value) : lt_build_str(p, lt_token_str(value));
    option->pos = lt_build_span(p, name->pos);
    return option;
}

struct lt_ast_stmt *lt_build_statement_set(struct lt_parse *p, struct lt_token t,
                                           struct lt_list inserts)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_STATEMENT_SET, t.pos, 0);
    stmt->inserts = inserts.first;
    return stmt;
}

struct lt_list lt_build_inserts(struct lt_parse *p, struct lt_list list, struct lt_ast_stmt *insert)
{
    LT_UNUSED(p);
    return LT_LIST_ADD(list, insert, 0);
}

/* ---- EXPLAIN ---------------------------------------------------------- */

struct lt_ast_stmt *lt_build_explain(struct lt_parse *p, struct lt_token t, struct lt_list details,
                                     struct lt_ast_stmt *explained)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_EXPLAIN, t.pos, 0);
    explained->n_parameters = p->n_parameters;
    stmt->explained = explained;
    stmt->explain_details = details.first;
    return stmt;
}

struct lt_ast_stmt *lt_build_explain_query(struct lt_parse *p, struct lt_token t,
                                           struct lt_ast_name *name)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_EXPLAIN, t.pos, 0);
    stmt->object = LT_AST_QUERY_OBJECT;
    stmt->path = name;
    return stmt;
}

/* The word as one of `known`, or an error that lists them. */
static bool stmt_known_word(struct lt_parse *p, struct lt_token t, const char *what,
                            const char *const *known, size_t len)
{
    char list[256];
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        if (lt_str_equal_nocase(lt_token_str(t), lt_str_of(known[i])))
            return true;
        int n = snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "", known[i]);
        at += (size_t)n < sizeof(list) - at ? (size_t)n : sizeof(list) - at - 1;
    }
    lt_parse_fail(p, LT_SYNTAX, t.pos, "%.*s is no %s; there are %s", LT_STR_ARG(lt_token_str(t)),
                  what, list);
    return false;
}

static const char *const explain_details[] = {"ESTIMATED_COST", "CHANGELOG_MODE", "PLAN_ADVICE",
                                              "JSON_EXECUTION_PLAN", "FLINK_COMPATIBILITY"};
static const char *const explain_options[] = {"FORMAT", "ESTIMATED_COST", "CHANGELOG_MODE",
                                              "PLAN_ADVICE", "FLINK_COMPATIBILITY"};
static const char *const explain_formats[] = {"TEXT", "JSON", "DOT"};

static struct lt_ast_option *explain_option(struct lt_parse *p, struct lt_token t,
                                            const struct lt_token *value)
{
    struct lt_ast_option *option = LT_BUILD_NEW(p, struct lt_ast_option);
    option->key = lt_build_upper(p, t);
    if (value != NULL)
        option->value = lt_build_upper(p, *value);
    option->pos = lt_build_span(p, t.pos);
    return option;
}

struct lt_list lt_build_explain_detail(struct lt_parse *p, struct lt_list list, struct lt_token t,
                                       const struct lt_token *value)
{
    stmt_known_word(p, t, "detail of EXPLAIN", explain_details, LT_ARRAY_LEN(explain_details));
    struct lt_ast_option *option = explain_option(p, t, value);
    return LT_LIST_ADD(list, option, 0);
}

struct lt_ast_option *lt_build_explain_option(struct lt_parse *p, struct lt_token t,
                                              const struct lt_token *value)
{
    stmt_known_word(p, t, "option of EXPLAIN", explain_options, LT_ARRAY_LEN(explain_options));
    bool format = lt_str_equal_nocase(lt_token_str(t), LT_STR("FORMAT"));
    if (format != (value != NULL))
        lt_parse_fail(p, LT_SYNTAX, t.pos,
                      format ? "FORMAT needs TEXT, JSON or DOT" : "%.*s takes no value",
                      LT_STR_ARG(lt_token_str(t)));
    else if (format)
        stmt_known_word(p, *value, "format of EXPLAIN", explain_formats,
                        LT_ARRAY_LEN(explain_formats));
    return explain_option(p, t, value);
}

/* ---- registered queries and subscriptions ----------------------------- */

struct lt_ast_stmt *lt_build_alter_query(struct lt_parse *p, struct lt_token t,
                                         struct lt_ast_name *name)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_ALTER_QUERY, t.pos, 0);
    stmt->object = LT_AST_QUERY_OBJECT;
    stmt->path = name;
    stmt->word = lt_build_upper(p, t);
    return stmt;
}

struct lt_ast_stmt *lt_build_subscribe(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                       struct lt_ast_query *query, struct lt_list with,
                                       struct lt_ast_expr *epoch)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_SUBSCRIBE, t.pos, 0);
    stmt->path = path.first;
    stmt->query = query;
    stmt->as_of_epoch = epoch;
    for (const struct lt_ast_name *at = with.first; at && p->status == LT_OK; at = at->next) {
        if (lt_str_equal_nocase(at->text, LT_STR("SNAPSHOT")))
            stmt->snapshot = true;
        else if (lt_str_equal_nocase(at->text, LT_STR("PROGRESS")))
            stmt->progress = true;
        else
            lt_parse_fail(p, LT_SYNTAX, at->pos, "SUBSCRIBE takes SNAPSHOT and PROGRESS, not %.*s",
                          LT_STR_ARG(at->text));
    }
    return stmt;
}

/* ---- SHOW, DESCRIBE, USE ---------------------------------------------- */

static const struct {
    const char *words;
    enum lt_ast_object object;
    bool from; /* SHOW TABLES FROM db, SHOW COLUMNS FROM t */
} show_kinds[] = {
    {"TABLES", LT_AST_TABLE, true},
    {"VIEWS", LT_AST_VIEW, true},
    {"MATERIALIZED VIEWS", LT_AST_MATERIALIZED_VIEW, true},
    {"FUNCTIONS", LT_AST_FUNCTION, true},
    {"USER FUNCTIONS", LT_AST_FUNCTION, true},
    {"DATABASES", LT_AST_DATABASE, true},
    {"CATALOGS", LT_AST_CATALOG, false},
    {"CURRENT DATABASE", LT_AST_DATABASE, false},
    {"CURRENT CATALOG", LT_AST_CATALOG, false},
    {"COLUMNS", LT_AST_COLUMNS, true},
    {"QUERIES", LT_AST_QUERY_OBJECT, false},
    {"JOBS", LT_AST_JOBS, false},
    {"MODULES", LT_AST_MODULES, false},
    {"FULL MODULES", LT_AST_MODULES, false},
    {"SETTINGS", LT_AST_SETTINGS, false},
};

struct lt_ast_stmt *lt_build_show(struct lt_parse *p, struct lt_token t, struct lt_words words,
                                  struct lt_list from, struct lt_show_like like)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_SHOW, t.pos, 0);
    char text[64];
    struct lt_str first = lt_token_str(words.word[0]);
    struct lt_str second = lt_token_str(words.word[1]);
    snprintf(text, sizeof(text), "%.*s%s%.*s", LT_STR_ARG(first), second.len ? " " : "",
             (int)second.len, second.len ? second.data : "");
    size_t known = LT_ARRAY_LEN(show_kinds);
    size_t near = known;
    unsigned best = 4;
    for (size_t i = 0; i < LT_ARRAY_LEN(show_kinds); i++) {
        unsigned far = lt_str_distance(lt_str_of(text), lt_str_of(show_kinds[i].words), best);
        if (far == 0)
            known = i;
        if (far < best) {
            best = far;
            near = i;
        }
    }
    stmt->path = from.first;
    stmt->like = like.pattern;
    stmt->not_like = like.negated;
    if (known < LT_ARRAY_LEN(show_kinds)) {
        stmt->object = show_kinds[known].object;
        stmt->show_word = lt_str_of(show_kinds[known].words);
        if (stmt->path != NULL && !show_kinds[known].from)
            lt_parse_fail(p, LT_SYNTAX, stmt->path->pos, "SHOW %s takes no FROM",
                          show_kinds[known].words);
        else if (stmt->path == NULL && stmt->object == LT_AST_COLUMNS)
            lt_parse_fail(p, LT_SYNTAX, words.word[0].pos, "SHOW COLUMNS needs FROM and a table");
    } else if (near < LT_ARRAY_LEN(show_kinds)) {
        lt_parse_fail(p, LT_SYNTAX, words.word[0].pos, "SHOW knows no %s; did you mean SHOW %s?",
                      text, show_kinds[near].words);
    } else {
        lt_parse_fail(p, LT_SYNTAX, words.word[0].pos,
                      "SHOW knows no %s; there are TABLES, VIEWS, MATERIALIZED VIEWS, FUNCTIONS, "
                      "DATABASES, CATALOGS, COLUMNS, QUERIES and CREATE",
                      text);
    }
    return stmt;
}

static struct lt_ast_stmt *stmt_about(struct lt_parse *p, enum lt_ast_stmt_kind kind,
                                      struct lt_token t, enum lt_ast_object object,
                                      struct lt_list path)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, kind, t.pos, 0);
    stmt->object = object;
    stmt->path = path.first;
    return stmt;
}

struct lt_ast_stmt *lt_build_show_create(struct lt_parse *p, struct lt_token t,
                                         enum lt_ast_object object, struct lt_list path)
{
    return stmt_about(p, LT_AST_STMT_SHOW_CREATE, t, object, path);
}

struct lt_ast_stmt *lt_build_describe(struct lt_parse *p, struct lt_token t,
                                      enum lt_ast_object object, struct lt_list path)
{
    return stmt_about(p, LT_AST_STMT_DESCRIBE, t, object, path);
}

struct lt_ast_stmt *lt_build_use(struct lt_parse *p, struct lt_token t, enum lt_ast_object object,
                                 struct lt_list path)
{
    return stmt_about(p, LT_AST_STMT_USE, t, object, path);
}

/* ---- SET and RESET ---------------------------------------------------- */

struct lt_ast_stmt *lt_build_set(struct lt_parse *p, enum lt_ast_stmt_kind kind, struct lt_token t,
                                 struct lt_list options)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, kind, t.pos, 0);
    stmt->options = options.first;
    return stmt;
}

static struct lt_str str_trim(struct lt_str text)
{
    while (text.len > 0 && strchr(" \t\r\f\v", text.data[0]) && text.data[0] != '\0') {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && text.data[text.len - 1] != '\0' &&
           strchr(" \t\r\f\v", text.data[text.len - 1]))
        text.len--;
    return text;
}

/* A key or value of the unquoted form; quotes around all of it are taken off. */
static struct lt_str set_part(struct lt_parse *p, struct lt_str text)
{
    text = str_trim(text);
    char quote = text.len >= 2 ? text.data[0] : 0;
    if (quote != '\'' && quote != '"' && quote != '`')
        return lt_build_str(p, text);
    if (text.data[text.len - 1] != quote)
        return lt_build_str(p, text);
    struct lt_token whole = {.text = text.data, .pos = {.len = (uint32_t)text.len}};
    return lt_build_text(p, whole);
}

/* SET k = v, as it stands: the key may hold dots and dashes, the value anything. */
struct lt_ast_stmt *lt_build_set_raw(struct lt_parse *p, enum lt_ast_stmt_kind kind,
                                     struct lt_token t, struct lt_token raw)
{
    struct lt_ast_option *option = LT_BUILD_NEW(p, struct lt_ast_option);
    struct lt_str text = str_trim(lt_token_str(raw));
    const char *equals = text.len ? memchr(text.data, '=', text.len) : NULL;
    bool set = kind == LT_AST_STMT_SET;
    size_t key_len = equals ? (size_t)(equals - text.data) : text.len;
    if (set && equals == NULL)
        lt_parse_fail(p, LT_SYNTAX, raw.pos,
                      "SET takes 'key' = 'value'; to see all settings "
                      "write SET alone");
    else if (!set && equals != NULL)
        lt_parse_fail(p, LT_SYNTAX, raw.pos, "RESET takes a key and no value");
    option->key = set_part(p, (struct lt_str){text.data, key_len});
    if (equals != NULL)
        option->value = set_part(p, (struct lt_str){equals + 1, text.len - key_len - 1});
    if (option->key.len == 0)
        lt_parse_fail(p, LT_SYNTAX, raw.pos, "the name of the setting is missing");
    option->pos = raw.pos;
    return lt_build_set(p, kind, t, LT_LIST_ADD(LT_LIST_EMPTY, option, 0));
}
