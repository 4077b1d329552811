/* build_ddl.c -- CREATE, DROP and ALTER. */
#include "parser/build.h"

static void ddl_no_flags(struct lt_parse *p, struct lt_head head, int allowed, const char *what)
{
    int bad = head.flags & ~allowed;
    if (bad != 0)
        lt_parse_fail(p, LT_SYNTAX, head.create.pos, "CREATE %s takes no %s", what,
                      bad & LT_HEAD_OR_REPLACE ? "OR REPLACE"
                      : bad & LT_HEAD_SYSTEM   ? "SYSTEM"
                                               : "TEMPORARY");
}

/* ---- tables ----------------------------------------------------------- */

static struct lt_ast_create_table *table_of_body(struct lt_parse *p,
                                                 const struct lt_table_body *body)
{
    struct lt_ast_create_table *table = LT_BUILD_NEW(p, struct lt_ast_create_table);
    if (body != NULL) {
        table->columns = body->columns.first;
        table->watermark_column = body->watermark_column;
        table->watermark = body->watermark;
        table->primary_key = body->primary_key;
    }
    return table;
}

struct lt_ast_stmt *lt_build_create_table(struct lt_parse *p, struct lt_head head, int flags,
                                          const struct lt_table_parts *parts)
{
    ddl_no_flags(p, head, LT_HEAD_OR_REPLACE | LT_HEAD_TEMPORARY, "TABLE");
    struct lt_ast_stmt *stmt =
        lt_build_stmt(p, LT_AST_STMT_CREATE_TABLE, head.create.pos, head.flags | flags);
    struct lt_ast_create_table *table = table_of_body(p, parts->body);
    table->path = parts->path.first;
    table->temporary = stmt->temporary;
    table->if_not_exists = stmt->if_not_exists;
    table->or_replace = stmt->or_replace;
    table->comment = parts->comment;
    table->partitioned_by = parts->partitioned_by.first;
    table->options = parts->options.first;
    table->has_with = (parts->options.flags & LT_LIST_GIVEN) != 0;
    table->like = parts->like;
    table->query = parts->query;
    if (p->status == LT_OK && table->like != NULL && table->query != NULL)
        lt_parse_fail(p, LT_SYNTAX, table->like->pos, "LIKE and AS do not go together");
    stmt->object = LT_AST_TABLE;
    stmt->path = table->path;
    stmt->create_table = table;
    return stmt;
}

struct lt_ast_like *lt_build_table_like(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                        struct lt_list options)
{
    struct lt_ast_like *like = LT_BUILD_NEW(p, struct lt_ast_like);
    like->table = path.first;
    like->options = options.first;
    like->pos = lt_build_span(p, t.pos);
    return like;
}

struct lt_ast_option *lt_build_like_option(struct lt_parse *p, struct lt_token key,
                                           struct lt_token value)
{
    static const char *const known[] = {"ALL",      "CONSTRAINTS", "DISTRIBUTION", "GENERATED",
                                        "METADATA", "OPTIONS",     "PARTITIONS",   "WATERMARKS"};
    bool found = false;
    for (size_t i = 0; i < LT_ARRAY_LEN(known); i++)
        found |= lt_str_equal_nocase(lt_token_str(value), lt_str_of(known[i]));
    if (!found)
        lt_parse_fail(p, LT_SYNTAX, value.pos,
                      "LIKE takes ALL, CONSTRAINTS, DISTRIBUTION, GENERATED, METADATA, OPTIONS, "
                      "PARTITIONS or WATERMARKS here, not %.*s",
                      LT_STR_ARG(lt_token_str(value)));
    struct lt_ast_option *option = LT_BUILD_NEW(p, struct lt_ast_option);
    option->key = lt_build_upper(p, key);
    option->value = lt_build_upper(p, value);
    option->pos = lt_build_span(p, key.pos);
    return option;
}

static void body_twice(struct lt_parse *p, const struct lt_table_body *element, const char *what)
{
    lt_parse_fail(p, LT_SYNTAX, element->pos, "a table has only one %s", what);
}

/* Adds one element: a column, the watermark, or the primary key. */
struct lt_table_body *lt_build_table_body(struct lt_parse *p, struct lt_table_body *body,
                                          struct lt_table_body *element)
{
    struct lt_ast_column *column = element->columns.first;
    if (p->status != LT_OK)
        return body;
    if (column != NULL) {
        if (column->primary_key && body->primary_key != NULL)
            body_twice(p, element, "primary key");
        body->columns = LT_LIST_ADD(body->columns, column, 0);
    }
    if (element->watermark != NULL) {
        if (body->watermark != NULL)
            body_twice(p, element, "watermark");
        body->watermark_column = element->watermark_column;
        body->watermark = element->watermark;
    }
    if (element->primary_key != NULL) {
        if (body->primary_key != NULL)
            body_twice(p, element, "primary key");
        body->primary_key = element->primary_key;
    }
    return body;
}

struct lt_table_body *lt_build_table_column(struct lt_parse *p, struct lt_ast_column *column)
{
    struct lt_table_body *body = LT_BUILD_NEW(p, struct lt_table_body);
    body->columns = LT_LIST_ADD(LT_LIST_EMPTY, column, 0);
    body->pos = column->pos;
    return body;
}

struct lt_table_body *lt_build_watermark(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                         struct lt_ast_expr *x)
{
    struct lt_table_body *body = LT_BUILD_NEW(p, struct lt_table_body);
    body->watermark_column = path.first;
    body->watermark = x;
    body->pos = lt_build_span(p, t.pos);
    return body;
}

struct lt_table_body *lt_build_primary_key(struct lt_parse *p, struct lt_token t,
                                           struct lt_list names)
{
    struct lt_table_body *body = LT_BUILD_NEW(p, struct lt_table_body);
    body->primary_key = names.first;
    body->pos = lt_build_span(p, t.pos);
    return body;
}

struct lt_ast_column *lt_build_column_def(struct lt_parse *p, struct lt_ast_name *name,
                                          struct lt_ast_type *type, bool key,
                                          struct lt_metadata metadata, struct lt_str comment)
{
    struct lt_ast_column *column = LT_BUILD_NEW(p, struct lt_ast_column);
    column->name = name;
    column->type = type;
    column->primary_key = key;
    column->metadata = metadata.given;
    column->metadata_virtual = metadata.is_virtual;
    column->metadata_key = metadata.key;
    column->comment = comment;
    column->pos = lt_build_span(p, name->pos);
    return column;
}

struct lt_ast_column *lt_build_column_computed(struct lt_parse *p, struct lt_ast_name *name,
                                               struct lt_ast_expr *x, struct lt_str comment)
{
    struct lt_ast_column *column =
        lt_build_column_def(p, name, NULL, false, (struct lt_metadata){0}, comment);
    column->computed = x;
    return column;
}

/* ---- views, functions, databases, queries ----------------------------- */

struct lt_ast_stmt *lt_build_create_view(struct lt_parse *p, struct lt_head head, int flags,
                                         struct lt_list path, struct lt_list columns,
                                         struct lt_str comment, struct lt_ast_query *query)
{
    ddl_no_flags(p, head, LT_HEAD_OR_REPLACE | LT_HEAD_TEMPORARY, "VIEW");
    struct lt_ast_stmt *stmt =
        lt_build_stmt(p, LT_AST_STMT_CREATE_VIEW, head.create.pos, head.flags | flags);
    stmt->object = LT_AST_VIEW;
    stmt->path = path.first;
    stmt->columns = columns.first;
    stmt->comment = comment;
    stmt->query = query;
    return stmt;
}

struct lt_ast_stmt *lt_build_materialized(struct lt_parse *p, struct lt_ast_stmt *view,
                                          struct lt_list options)
{
    LT_UNUSED(p);
    view->object = LT_AST_MATERIALIZED_VIEW;
    view->materialized = true;
    view->options = options.first;
    return view;
}

struct lt_ast_stmt *lt_build_create_function(struct lt_parse *p, struct lt_head head, int flags,
                                             struct lt_list path, struct lt_token text,
                                             struct lt_str language)
{
    struct lt_ast_stmt *stmt =
        lt_build_stmt(p, LT_AST_STMT_CREATE_FUNCTION, head.create.pos, head.flags | flags);
    stmt->object = LT_AST_FUNCTION;
    stmt->path = path.first;
    stmt->function_class = lt_build_text(p, text);
    stmt->function_language = language;
    return stmt;
}

struct lt_ast_stmt *lt_build_create_database(struct lt_parse *p, struct lt_head head, int flags,
                                             struct lt_token what, struct lt_list path,
                                             struct lt_str comment, struct lt_list options)
{
    ddl_no_flags(p, head, 0, lt_keyword_word(what.kind));
    struct lt_ast_stmt *stmt =
        lt_build_stmt(p, LT_AST_STMT_CREATE_DATABASE, head.create.pos, flags);
    stmt->object = what.kind == LT_TK_CATALOG ? LT_AST_CATALOG : LT_AST_DATABASE;
    stmt->path = path.first;
    stmt->comment = comment;
    stmt->options = options.first;
    return stmt;
}

struct lt_ast_stmt *lt_build_create_query(struct lt_parse *p, struct lt_head head, int flags,
                                          struct lt_list path, struct lt_list options,
                                          struct lt_ast_stmt *body)
{
    ddl_no_flags(p, head, LT_HEAD_OR_REPLACE, "QUERY");
    struct lt_ast_stmt *stmt =
        lt_build_stmt(p, LT_AST_STMT_CREATE_QUERY, head.create.pos, head.flags | flags);
    stmt->object = LT_AST_QUERY_OBJECT;
    stmt->path = path.first;
    stmt->options = options.first;
    stmt->inserts = body->kind == LT_AST_STMT_STATEMENT_SET ? body->inserts : body;
    return stmt;
}

/* ---- DROP and ALTER --------------------------------------------------- */

struct lt_ast_stmt *lt_build_drop(struct lt_parse *p, struct lt_token t, enum lt_ast_object object,
                                  int flags, struct lt_list path)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_DROP, t.pos, flags);
    stmt->object = object;
    stmt->materialized = object == LT_AST_MATERIALIZED_VIEW;
    stmt->path = path.first;
    return stmt;
}

struct lt_ast_stmt *lt_build_alter(struct lt_parse *p, struct lt_token t, int flags,
                                   struct lt_list path)
{
    struct lt_ast_stmt *stmt = lt_build_stmt(p, LT_AST_STMT_ALTER_TABLE, t.pos, flags);
    stmt->object = LT_AST_TABLE;
    stmt->path = path.first;
    return stmt;
}

static struct lt_ast_stmt *alter_is(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                    enum lt_ast_alter_kind kind)
{
    stmt->alter = kind;
    stmt->pos = lt_build_span(p, stmt->pos);
    return stmt;
}

struct lt_ast_stmt *lt_build_alter_set(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                       struct lt_list options)
{
    stmt->options = options.first;
    return alter_is(p, stmt, LT_AST_ALTER_SET);
}

struct lt_ast_stmt *lt_build_alter_reset(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                         struct lt_list keys)
{
    stmt->options = keys.first;
    return alter_is(p, stmt, LT_AST_ALTER_RESET);
}

struct lt_ast_stmt *lt_build_alter_rename(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                          struct lt_list path)
{
    stmt->new_name = path.first;
    return alter_is(p, stmt, LT_AST_ALTER_RENAME);
}

struct lt_ast_stmt *lt_build_alter_rename_column(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                                 struct lt_ast_name *from, struct lt_ast_name *to)
{
    stmt->columns = from;
    stmt->new_name = to;
    return alter_is(p, stmt, LT_AST_ALTER_RENAME_COLUMN);
}

struct lt_ast_stmt *lt_build_alter_add(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                       enum lt_ast_alter_kind kind, struct lt_table_body *body)
{
    struct lt_ast_create_table *table = table_of_body(p, body);
    table->path = stmt->path;
    stmt->create_table = table;
    return alter_is(p, stmt, kind);
}

struct lt_ast_stmt *lt_build_alter_drop(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                        struct lt_list names)
{
    stmt->columns = names.first;
    return alter_is(p, stmt, LT_AST_ALTER_DROP_COLUMN);
}

struct lt_ast_stmt *lt_build_alter_drop_what(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                             enum lt_ast_alter_kind kind)
{
    return alter_is(p, stmt, kind);
}

struct lt_ast_stmt *lt_build_alter_view(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                        struct lt_list new_name, struct lt_ast_query *query)
{
    struct lt_ast_stmt *stmt = lt_build_alter(p, t, 0, path);
    stmt->object = LT_AST_VIEW;
    stmt->new_name = new_name.first;
    stmt->query = query;
    return alter_is(p, stmt, query != NULL ? LT_AST_ALTER_AS : LT_AST_ALTER_RENAME);
}
