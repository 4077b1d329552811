/* unparse.c -- names, strings, options and types as canonical SQL text.
 *
 * A name keeps its quotes if it had some, because they mean something where
 * names are folded (pattern variables) or looked up as words (units of time);
 * an unquoted one is written bare, since it stood bare where it now stands. */
#include "parser/unparse.h"

#include "parser/grammar.h"
#include "parser/token.h"

void lt_unparse_str(struct lt_buf *out, struct lt_str text)
{
    lt_buf_add(out, text.data, text.len);
}

static void unparse_quoted(struct lt_buf *out, struct lt_str text, char quote)
{
    lt_buf_addc(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == quote)
            lt_buf_addc(out, quote);
        lt_buf_addc(out, text.data[i]);
    }
    lt_buf_addc(out, quote);
}

void lt_unparse_string(struct lt_buf *out, struct lt_str text)
{
    unparse_quoted(out, text, '\'');
}

static bool name_is_plain(struct lt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return text.len > 0;
}

void lt_unparse_name(struct lt_buf *out, struct lt_str name)
{
    const struct lt_ast_name as_name = {.text = name};
    if (name_is_plain(name) && lt_keyword_find(name) == LT_TK_ID && !lt_name_is_niladic(&as_name))
        lt_unparse_str(out, name);
    else
        unparse_quoted(out, name, '`');
}

void lt_unparse_ast_name(struct lt_buf *out, const struct lt_ast_name *name)
{
    if (!name->quoted && (name_is_plain(name->text) || lt_str_equal(name->text, LT_STR("*"))))
        lt_unparse_str(out, name->text);
    else
        unparse_quoted(out, name->text, '`');
}

static void unparse_name_list(struct lt_buf *out, const struct lt_ast_name *names,
                              const char *between)
{
    for (const struct lt_ast_name *at = names; at != NULL; at = at->next) {
        if (at != names)
            lt_buf_adds(out, between);
        lt_unparse_ast_name(out, at);
    }
}

void lt_unparse_path(struct lt_buf *out, const struct lt_ast_name *path)
{
    unparse_name_list(out, path, ".");
}

void lt_unparse_names(struct lt_buf *out, const struct lt_ast_name *names)
{
    unparse_name_list(out, names, ", ");
}

/* 'k' = 'v', or 'k' alone where no value was given. */
void lt_unparse_options(struct lt_buf *out, const struct lt_ast_option *options)
{
    for (const struct lt_ast_option *at = options; at != NULL; at = at->next) {
        if (at != options)
            lt_buf_adds(out, ", ");
        lt_unparse_string(out, at->key);
        if (at->value.data == NULL)
            continue;
        lt_buf_adds(out, " = ");
        lt_unparse_string(out, at->value);
    }
}

void lt_unparse_hints(struct lt_buf *out, const struct lt_ast_hint *hints)
{
    if (hints == NULL)
        return;
    lt_buf_adds(out, " /*+ ");
    for (const struct lt_ast_hint *at = hints; at != NULL; at = at->next) {
        if (at != hints)
            lt_buf_adds(out, ", ");
        lt_unparse_name(out, at->name);
        if (at->options == NULL)
            continue;
        lt_buf_addc(out, '(');
        lt_unparse_options(out, at->options);
        lt_buf_addc(out, ')');
    }
    lt_buf_adds(out, " */");
}

/* ---- types ------------------------------------------------------------ */

static void unparse_interval_type(struct lt_buf *out, const struct lt_ast_type *type)
{
    lt_buf_addc(out, ' ');
    lt_unparse_str(out, type->unit_from);
    bool fraction = type->args[1] >= 0 && type->unit_to.len == 0;
    if (type->args[0] >= 0 && fraction)
        lt_buf_addf(out, "(%d, %d)", type->args[0], type->args[1]);
    else if (type->args[0] >= 0)
        lt_buf_addf(out, "(%d)", type->args[0]);
    if (type->unit_to.len == 0)
        return;
    lt_buf_adds(out, " TO ");
    lt_unparse_str(out, type->unit_to);
    if (type->args[1] >= 0)
        lt_buf_addf(out, "(%d)", type->args[1]);
}

static void unparse_fields(struct lt_buf *out, const struct lt_ast_field *fields)
{
    for (const struct lt_ast_field *at = fields; at != NULL; at = at->next) {
        if (at != fields)
            lt_buf_adds(out, ", ");
        lt_unparse_ast_name(out, at->name);
        lt_buf_addc(out, ' ');
        lt_unparse_type(out, at->type);
        if (at->comment.data != NULL) {
            lt_buf_adds(out, " COMMENT ");
            lt_unparse_string(out, at->comment);
        }
    }
}

void lt_unparse_type(struct lt_buf *out, const struct lt_ast_type *type)
{
    lt_unparse_str(out, type->name);
    if (type->unit_from.len > 0) {
        unparse_interval_type(out, type);
    } else if (type->fields != NULL) {
        lt_buf_addc(out, '<');
        unparse_fields(out, type->fields);
        lt_buf_addc(out, '>');
    } else if (type->element != NULL) {
        lt_buf_addc(out, '<');
        if (type->key != NULL) {
            lt_unparse_type(out, type->key);
            lt_buf_adds(out, ", ");
        }
        lt_unparse_type(out, type->element);
        lt_buf_addc(out, '>');
    } else if (type->args[1] >= 0) {
        lt_buf_addf(out, "(%d, %d)", type->args[0], type->args[1]);
    } else if (type->args[0] >= 0) {
        lt_buf_addf(out, "(%d)", type->args[0]);
    }
    if (type->not_null)
        lt_buf_adds(out, " NOT NULL");
}
