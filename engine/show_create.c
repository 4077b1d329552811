/* show_create.c -- an object of the catalog back to the SQL that makes it.
 *
 * SHOW CREATE prints it; ALTER changes an object by writing it out, changed, and
 * having the planner judge the result like any other definition. */
#include "engine/engine.h"
#include "parser/parser.h"

static void add_text(struct lt_buf *out, struct lt_str text)
{
    lt_buf_addc(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\'')
            lt_buf_addc(out, '\'');
        lt_buf_addc(out, text.data[i]);
    }
    lt_buf_addc(out, '\'');
}

/* Always quoted, as Flink prints it. */
static void add_name(struct lt_buf *out, struct lt_str name)
{
    lt_buf_addc(out, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '`')
            lt_buf_addc(out, '`');
        lt_buf_addc(out, name.data[i]);
    }
    lt_buf_addc(out, '`');
}

static void add_names(struct lt_buf *out, uint32_t n, const struct lt_str *names)
{
    for (uint32_t i = 0; i < n; i++) {
        lt_buf_adds(out, i ? ", " : "");
        add_name(out, names[i]);
    }
}

static void add_column(struct lt_buf *out, const struct lt_table_column *col)
{
    lt_buf_adds(out, "  ");
    add_name(out, col->name);
    if (col->kind == LT_COLUMN_COMPUTED) {
        lt_buf_addf(out, " AS %.*s", LT_STR_ARG(col->expr));
    } else {
        lt_buf_addc(out, ' ');
        lt_type_print(out, col->type);
    }
    if (col->kind == LT_COLUMN_METADATA) {
        lt_buf_adds(out, " METADATA");
        if (!lt_str_equal(col->metadata_key, col->name) && col->metadata_key.len) {
            lt_buf_adds(out, " FROM ");
            add_text(out, col->metadata_key);
        }
        lt_buf_adds(out, col->metadata_virtual ? " VIRTUAL" : "");
    }
    if (col->comment.len) {
        lt_buf_adds(out, " COMMENT ");
        add_text(out, col->comment);
    }
}

/* A column as ALTER TABLE gives it. */
static void add_ast_column(struct lt_buf *out, const struct lt_ast_column *col)
{
    lt_buf_adds(out, "  ");
    add_name(out, col->name->text);
    if (col->computed) {
        lt_buf_adds(out, " AS ");
        lt_unparse_expr(out, col->computed);
    } else {
        lt_buf_addc(out, ' ');
        lt_unparse_type(out, col->type);
    }
    if (col->metadata) {
        lt_buf_adds(out, " METADATA");
        if (col->metadata_key.len) {
            lt_buf_adds(out, " FROM ");
            add_text(out, col->metadata_key);
        }
        lt_buf_adds(out, col->metadata_virtual ? " VIRTUAL" : "");
    }
    if (col->comment.len) {
        lt_buf_adds(out, " COMMENT ");
        add_text(out, col->comment);
    }
}

static const struct lt_ast_column *ast_column(const struct lt_ast_create_table *added,
                                              struct lt_str name)
{
    for (const struct lt_ast_column *col = added ? added->columns : NULL; col; col = col->next)
        if (lt_str_equal(col->name->text, name))
            return col;
    return NULL;
}

static void add_columns(struct lt_buf *out, const struct lt_object *object,
                        const struct lt_ast_create_table *added)
{
    for (uint32_t i = 0; i < object->n_columns; i++) {
        const struct lt_ast_column *instead = ast_column(added, object->columns[i].name);
        lt_buf_adds(out, i ? ",\n" : "");
        if (instead)
            add_ast_column(out, instead);
        else
            add_column(out, &object->columns[i]);
    }
    for (const struct lt_ast_column *col = added ? added->columns : NULL; col; col = col->next) {
        bool known = false;
        for (uint32_t i = 0; i < object->n_columns; i++)
            known |= lt_str_equal(object->columns[i].name, col->name->text);
        if (known)
            continue;
        lt_buf_adds(out, ",\n");
        add_ast_column(out, col);
    }
}

static void add_body(struct lt_buf *out, const struct lt_object *object,
                     const struct lt_ast_create_table *added)
{
    lt_buf_adds(out, " (\n");
    add_columns(out, object, added);
    if (added && added->watermark) {
        lt_buf_adds(out, ",\n  WATERMARK FOR ");
        add_name(out, added->watermark_column->text);
        lt_buf_adds(out, " AS ");
        lt_unparse_expr(out, added->watermark);
    } else if (object->watermark_column.len) {
        lt_buf_adds(out, ",\n  WATERMARK FOR ");
        add_name(out, object->watermark_column);
        lt_buf_addf(out, " AS %.*s", LT_STR_ARG(object->watermark_expr));
    }
    if (added && added->primary_key) {
        lt_buf_adds(out, ",\n  PRIMARY KEY (");
        for (const struct lt_ast_name *key = added->primary_key; key; key = key->next) {
            add_name(out, key->text);
            lt_buf_adds(out, key->next ? ", " : ") NOT ENFORCED");
        }
    } else if (object->n_primary_key) {
        lt_buf_adds(out, ",\n  PRIMARY KEY (");
        add_names(out, object->n_primary_key, object->primary_key);
        lt_buf_adds(out, ") NOT ENFORCED");
    }
    lt_buf_adds(out, "\n)");
}

static void add_comment(struct lt_buf *out, const struct lt_object *object)
{
    if (object->comment.len == 0)
        return;
    lt_buf_adds(out, "\nCOMMENT ");
    add_text(out, object->comment);
}

static void add_options(struct lt_buf *out, const struct lt_object *object)
{
    if (object->n_options == 0)
        return;
    lt_buf_adds(out, "\nWITH (\n");
    for (uint32_t i = 0; i < object->n_options; i++) {
        lt_buf_adds(out, i ? ",\n  " : "  ");
        add_text(out, object->options[i].key);
        lt_buf_adds(out, " = ");
        add_text(out, object->options[i].value);
    }
    lt_buf_adds(out, "\n)");
}

void object_to_sql(struct lt_buf *out, const struct lt_object *object, bool full_name,
                   const struct lt_ast_create_table *added)
{
    static const char *const words[] = {"TABLE", "VIEW", "FUNCTION"};
    lt_buf_addf(out, "CREATE %s%s ", object->temporary ? "TEMPORARY " : "", words[object->kind]);
    if (full_name && object->catalog.len) {
        add_name(out, object->catalog);
        lt_buf_addc(out, '.');
    }
    if (full_name && object->database.len) {
        add_name(out, object->database);
        lt_buf_addc(out, '.');
    }
    add_name(out, object->name);
    if (object->kind == LT_OBJECT_FUNCTION) {
        lt_buf_adds(out, " AS ");
        add_text(out, object->function_class);
        return;
    }
    if (object->kind == LT_OBJECT_VIEW) {
        if (object->n_view_columns) {
            lt_buf_adds(out, " (");
            add_names(out, object->n_view_columns, object->view_columns);
            lt_buf_adds(out, ")");
        }
        add_comment(out, object);
        lt_buf_addf(out, "\nAS %.*s", LT_STR_ARG(object->query));
        return;
    }
    add_body(out, object, added);
    add_comment(out, object);
    if (object->n_partition_keys) {
        lt_buf_adds(out, "\nPARTITIONED BY (");
        add_names(out, object->n_partition_keys, object->partition_keys);
        lt_buf_adds(out, ")");
    }
    add_options(out, object);
}
