/* unparse_stmt.c -- statements as canonical SQL text, without the ';'. */
#include "parser/unparse.h"

static const char *object_word(enum lt_ast_object object)
{
    switch (object) {
    case LT_AST_VIEW: return "VIEW";
    case LT_AST_MATERIALIZED_VIEW: return "MATERIALIZED VIEW";
    case LT_AST_FUNCTION: return "FUNCTION";
    case LT_AST_DATABASE: return "DATABASE";
    case LT_AST_CATALOG: return "CATALOG";
    case LT_AST_QUERY_OBJECT: return "QUERY";
    default: return "TABLE";
    }
}

static void unparse_column_list(struct lt_buf *out, const char *before,
                                const struct lt_ast_name *names)
{
    if (names == NULL)
        return;
    lt_buf_addf(out, "%s(", before);
    lt_unparse_names(out, names);
    lt_buf_addc(out, ')');
}

static void unparse_text(struct lt_buf *out, const char *word, struct lt_str text)
{
    if (text.data == NULL)
        return;
    lt_buf_adds(out, word);
    lt_unparse_string(out, text);
}

static void unparse_option_list(struct lt_buf *out, const char *word,
                                const struct lt_ast_option *options)
{
    lt_buf_addf(out, "%s(", word);
    lt_unparse_options(out, options);
    lt_buf_addc(out, ')');
}

/* ---- tables ----------------------------------------------------------- */

static void unparse_column(struct lt_buf *out, const struct lt_ast_column *column)
{
    lt_unparse_ast_name(out, column->name);
    if (column->computed != NULL) {
        lt_buf_adds(out, " AS ");
        lt_unparse_expr(out, column->computed);
    } else {
        lt_buf_addc(out, ' ');
        lt_unparse_type(out, column->type);
    }
    if (column->primary_key)
        lt_buf_adds(out, " PRIMARY KEY NOT ENFORCED");
    if (column->metadata) {
        lt_buf_adds(out, " METADATA");
        unparse_text(out, " FROM ", column->metadata_key);
        lt_buf_adds(out, column->metadata_virtual ? " VIRTUAL" : "");
    }
    unparse_text(out, " COMMENT ", column->comment);
}

/* (columns, watermark, key); nothing when there are none. */
static void unparse_body(struct lt_buf *out, const struct lt_ast_create_table *table)
{
    const char *between = " (";
    for (const struct lt_ast_column *at = table->columns; at != NULL; at = at->next) {
        lt_buf_adds(out, between);
        unparse_column(out, at);
        between = ", ";
    }
    if (table->watermark != NULL) {
        lt_buf_addf(out, "%sWATERMARK FOR ", between);
        lt_unparse_path(out, table->watermark_column);
        lt_buf_adds(out, " AS ");
        lt_unparse_expr(out, table->watermark);
        between = ", ";
    }
    if (table->primary_key != NULL) {
        lt_buf_addf(out, "%sPRIMARY KEY ", between);
        unparse_column_list(out, "", table->primary_key);
        lt_buf_adds(out, " NOT ENFORCED");
        between = ", ";
    }
    if (between[0] == ',')
        lt_buf_addc(out, ')');
}

static void unparse_like(struct lt_buf *out, const struct lt_ast_like *like)
{
    lt_buf_adds(out, " LIKE ");
    lt_unparse_path(out, like->table);
    for (const struct lt_ast_option *at = like->options; at != NULL; at = at->next) {
        lt_buf_adds(out, at == like->options ? " (" : " ");
        lt_unparse_str(out, at->key);
        lt_buf_addc(out, ' ');
        lt_unparse_str(out, at->value);
    }
    lt_buf_adds(out, like->options ? ")" : "");
}

static void unparse_create(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    lt_buf_addf(out, "CREATE %s%s%s%s %s", stmt->or_replace ? "OR REPLACE " : "",
                stmt->temporary ? "TEMPORARY " : "", stmt->system ? "SYSTEM " : "",
                object_word(stmt->object), stmt->if_not_exists ? "IF NOT EXISTS " : "");
    lt_unparse_path(out, stmt->path);
}

static void unparse_create_table(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    const struct lt_ast_create_table *table = stmt->create_table;
    unparse_create(out, stmt);
    unparse_body(out, table);
    unparse_text(out, " COMMENT ", table->comment);
    unparse_column_list(out, " PARTITIONED BY ", table->partitioned_by);
    if (table->has_with)
        unparse_option_list(out, " WITH ", table->options);
    if (table->like != NULL)
        unparse_like(out, table->like);
    if (table->query != NULL) {
        lt_buf_adds(out, " AS ");
        lt_unparse_query(out, table->query);
    }
}

static void unparse_create_view(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    unparse_create(out, stmt);
    unparse_column_list(out, " ", stmt->columns);
    unparse_text(out, " COMMENT ", stmt->comment);
    if (stmt->options != NULL)
        unparse_option_list(out, " WITH ", stmt->options);
    lt_buf_adds(out, " AS ");
    lt_unparse_query(out, stmt->query);
}

static void unparse_create_function(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    unparse_create(out, stmt);
    unparse_text(out, " AS ", stmt->function_class);
    if (stmt->function_language.len > 0) {
        lt_buf_adds(out, " LANGUAGE ");
        lt_unparse_str(out, stmt->function_language);
    }
}

static void unparse_create_database(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    unparse_create(out, stmt);
    unparse_text(out, " COMMENT ", stmt->comment);
    if (stmt->options != NULL)
        unparse_option_list(out, " WITH ", stmt->options);
}

static void unparse_alter(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    lt_buf_addf(out, "ALTER %s %s", object_word(stmt->object), stmt->if_exists ? "IF EXISTS " : "");
    lt_unparse_path(out, stmt->path);
    switch (stmt->alter) {
    case LT_AST_ALTER_SET: unparse_option_list(out, " SET ", stmt->options); break;
    case LT_AST_ALTER_RESET: unparse_option_list(out, " RESET ", stmt->options); break;
    case LT_AST_ALTER_RENAME_COLUMN:
    case LT_AST_ALTER_RENAME:
        lt_buf_adds(out, " RENAME ");
        if (stmt->alter == LT_AST_ALTER_RENAME_COLUMN) {
            lt_unparse_ast_name(out, stmt->columns);
            lt_buf_addc(out, ' ');
        }
        lt_buf_adds(out, "TO ");
        lt_unparse_path(out, stmt->new_name);
        break;
    case LT_AST_ALTER_ADD:
    case LT_AST_ALTER_MODIFY:
        lt_buf_adds(out, stmt->alter == LT_AST_ALTER_ADD ? " ADD" : " MODIFY");
        unparse_body(out, stmt->create_table);
        break;
    case LT_AST_ALTER_DROP_COLUMN: unparse_column_list(out, " DROP ", stmt->columns); break;
    case LT_AST_ALTER_DROP_WATERMARK: lt_buf_adds(out, " DROP WATERMARK"); break;
    case LT_AST_ALTER_DROP_PRIMARY_KEY: lt_buf_adds(out, " DROP PRIMARY KEY"); break;
    case LT_AST_ALTER_AS:
        lt_buf_adds(out, " AS ");
        lt_unparse_query(out, stmt->query);
        break;
    }
}

/* ---- INSERT, UPDATE, DELETE ------------------------------------------- */

static void unparse_insert(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    lt_buf_adds(out, stmt->overwrite ? "INSERT OVERWRITE " : "INSERT INTO ");
    lt_unparse_path(out, stmt->path);
    lt_unparse_hints(out, stmt->hints);
    for (const struct lt_ast_option *at = stmt->partition; at != NULL; at = at->next) {
        lt_buf_adds(out, at == stmt->partition ? " PARTITION (" : ", ");
        lt_unparse_name(out, at->key);
        unparse_text(out, " = ", at->value);
    }
    lt_buf_adds(out, stmt->partition ? ")" : "");
    unparse_column_list(out, " ", stmt->columns);
    lt_buf_addc(out, ' ');
    lt_unparse_query(out, stmt->query);
}

static void unparse_update(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    lt_buf_adds(out, stmt->kind == LT_AST_STMT_UPDATE ? "UPDATE " : "DELETE FROM ");
    lt_unparse_path(out, stmt->path);
    for (const struct lt_ast_assign *at = stmt->assigns; at != NULL; at = at->next) {
        lt_buf_adds(out, at == stmt->assigns ? " SET " : ", ");
        lt_unparse_ast_name(out, at->column);
        lt_buf_adds(out, " = ");
        lt_unparse_expr(out, at->value);
    }
    if (stmt->where != NULL) {
        lt_buf_adds(out, " WHERE ");
        lt_unparse_expr(out, stmt->where);
    }
}

static void unparse_statement_set(struct lt_buf *out, const struct lt_ast_stmt *inserts)
{
    lt_buf_adds(out, "EXECUTE STATEMENT SET BEGIN ");
    for (const struct lt_ast_stmt *at = inserts; at != NULL; at = at->next) {
        unparse_insert(out, at);
        lt_buf_adds(out, "; ");
    }
    lt_buf_adds(out, "END");
}

static void unparse_create_query(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    unparse_create(out, stmt);
    if (stmt->options != NULL)
        unparse_option_list(out, " WITH ", stmt->options);
    lt_buf_adds(out, " AS ");
    if (stmt->inserts->next == NULL)
        unparse_insert(out, stmt->inserts);
    else
        unparse_statement_set(out, stmt->inserts);
}

/* ---- the rest --------------------------------------------------------- */

static void unparse_explain(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    lt_buf_adds(out, "EXPLAIN ");
    if (stmt->explained == NULL) {
        lt_buf_adds(out, "QUERY ");
        lt_unparse_path(out, stmt->path);
        return;
    }
    bool parens = false;
    for (const struct lt_ast_option *at = stmt->explain_details; at != NULL; at = at->next)
        parens |= at->value.len > 0;
    for (const struct lt_ast_option *at = stmt->explain_details; at != NULL; at = at->next) {
        lt_buf_adds(out, at != stmt->explain_details ? ", " : parens ? "(" : "");
        lt_unparse_str(out, at->key);
        lt_buf_adds(out, at->value.len > 0 ? " " : "");
        lt_unparse_str(out, at->value);
    }
    if (stmt->explain_details != NULL)
        lt_buf_adds(out, parens ? ") " : " ");
    lt_unparse_stmt(out, stmt->explained);
}

static void unparse_show(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    lt_buf_adds(out, "SHOW ");
    lt_unparse_str(out, stmt->show_word);
    if (stmt->path != NULL) {
        lt_buf_adds(out, " FROM ");
        lt_unparse_path(out, stmt->path);
    }
    unparse_text(out, stmt->not_like ? " NOT LIKE " : " LIKE ", stmt->like);
}

static void unparse_subscribe(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    lt_buf_adds(out, "SUBSCRIBE TO ");
    if (stmt->query != NULL) {
        lt_buf_addc(out, '(');
        lt_unparse_query(out, stmt->query);
        lt_buf_addc(out, ')');
    } else {
        lt_unparse_path(out, stmt->path);
    }
    if (stmt->snapshot || stmt->progress)
        lt_buf_addf(out, " WITH (%s%s%s)", stmt->snapshot ? "SNAPSHOT" : "",
                    stmt->snapshot && stmt->progress ? ", " : "", stmt->progress ? "PROGRESS" : "");
    if (stmt->as_of_epoch != NULL) {
        lt_buf_adds(out, " AS OF EPOCH ");
        lt_unparse_expr(out, stmt->as_of_epoch);
    }
}

static void unparse_about(struct lt_buf *out, const char *word, const struct lt_ast_stmt *stmt)
{
    lt_buf_adds(out, word);
    if (stmt->kind == LT_AST_STMT_USE && stmt->object == LT_AST_CATALOG)
        lt_buf_adds(out, "CATALOG ");
    else if (stmt->kind == LT_AST_STMT_DESCRIBE && stmt->object != LT_AST_TABLE)
        lt_buf_addf(out, "%s ", object_word(stmt->object));
    lt_unparse_path(out, stmt->path);
}

static void unparse_setting(struct lt_buf *out, const char *word, const struct lt_ast_stmt *stmt)
{
    lt_buf_adds(out, word);
    if (stmt->options != NULL)
        lt_buf_addc(out, ' ');
    lt_unparse_options(out, stmt->options);
}

static void unparse_drop(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    lt_buf_addf(out, "DROP %s%s%s %s", stmt->temporary ? "TEMPORARY " : "",
                stmt->system ? "SYSTEM " : "", object_word(stmt->object),
                stmt->if_exists ? "IF EXISTS " : "");
    lt_unparse_path(out, stmt->path);
    lt_buf_adds(out, stmt->cascade ? " CASCADE" : "");
}

void lt_unparse_stmt(struct lt_buf *out, const struct lt_ast_stmt *stmt)
{
    switch (stmt->kind) {
    case LT_AST_STMT_QUERY: lt_unparse_query(out, stmt->query); break;
    case LT_AST_STMT_INSERT: unparse_insert(out, stmt); break;
    case LT_AST_STMT_UPDATE:
    case LT_AST_STMT_DELETE: unparse_update(out, stmt); break;
    case LT_AST_STMT_STATEMENT_SET: unparse_statement_set(out, stmt->inserts); break;
    case LT_AST_STMT_EXPLAIN: unparse_explain(out, stmt); break;
    case LT_AST_STMT_CREATE_TABLE: unparse_create_table(out, stmt); break;
    case LT_AST_STMT_CREATE_VIEW: unparse_create_view(out, stmt); break;
    case LT_AST_STMT_CREATE_FUNCTION: unparse_create_function(out, stmt); break;
    case LT_AST_STMT_CREATE_DATABASE: unparse_create_database(out, stmt); break;
    case LT_AST_STMT_CREATE_QUERY: unparse_create_query(out, stmt); break;
    case LT_AST_STMT_DROP: unparse_drop(out, stmt); break;
    case LT_AST_STMT_ALTER_TABLE: unparse_alter(out, stmt); break;
    case LT_AST_STMT_ALTER_QUERY:
        lt_unparse_str(out, stmt->word);
        unparse_about(out, " QUERY ", stmt);
        break;
    case LT_AST_STMT_USE: unparse_about(out, "USE ", stmt); break;
    case LT_AST_STMT_SHOW: unparse_show(out, stmt); break;
    case LT_AST_STMT_SHOW_CREATE:
        lt_buf_addf(out, "SHOW CREATE %s", object_word(stmt->object));
        unparse_about(out, " ", stmt);
        break;
    case LT_AST_STMT_DESCRIBE: unparse_about(out, "DESCRIBE ", stmt); break;
    case LT_AST_STMT_SET: unparse_setting(out, "SET", stmt); break;
    case LT_AST_STMT_RESET: unparse_setting(out, "RESET", stmt); break;
    case LT_AST_STMT_SUBSCRIBE: unparse_subscribe(out, stmt); break;
    }
}
