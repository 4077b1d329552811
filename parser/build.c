/* build.c -- nodes, lists, names and options of the syntax tree. */
#include "parser/build.h"

#include <stdlib.h>

_Static_assert(sizeof(struct lt_ast_query) <= LT_PARSER_NODE_BYTES &&
                   sizeof(struct lt_ast_stmt) <= LT_PARSER_NODE_BYTES,
               "the spare block must hold any node");

void *lt_build_node(struct lt_parse *p, size_t size)
{
    LT_ASSERT(size <= sizeof(p->spare));
    if (p->status == LT_OK) {
        void *node = lt_arena_zero(p->arena, size);
        if (node != NULL)
            return node;
        p->status = LT_NOMEM;
    }
    memset(p->spare, 0, sizeof(p->spare));
    return p->spare;
}

/* `next_at` is where a node of this type keeps its successor. */
struct lt_list lt_list_link(struct lt_list list, void *node, size_t next_at, uint32_t depth)
{
    if (list.first == NULL)
        list.first = node;
    else
        memcpy((char *)list.last + next_at, &node, sizeof(node));
    list.last = node;
    if (depth > list.depth)
        list.depth = depth;
    return list;
}

void lt_build_deepen(struct lt_parse *p, uint32_t *depth, uint32_t child)
{
    if (child + 1 > *depth)
        *depth = child + 1;
    if (*depth > LT_PARSER_TREE_DEPTH_MAX)
        lt_parse_fail(p, LT_LIMIT, p->prev.pos,
                      "more than %d levels of expressions and queries in one another; split the "
                      "statement with views",
                      LT_PARSER_TREE_DEPTH_MAX);
}

struct lt_pos lt_build_span(const struct lt_parse *p, struct lt_pos start)
{
    uint32_t end = p->prev.pos.offset + p->prev.pos.len;
    if (end > start.offset)
        start.len = end - start.offset;
    return start;
}

struct lt_str lt_build_str(struct lt_parse *p, struct lt_str text)
{
    struct lt_str copy = LT_STR("");
    if (lt_arena_str(p->arena, text, &copy) != LT_OK && p->status == LT_OK)
        p->status = LT_NOMEM;
    return copy;
}

struct lt_str lt_build_upper(struct lt_parse *p, struct lt_token t)
{
    struct lt_str copy = lt_build_str(p, lt_token_str(t));
    char *at = (char *)copy.data; /* ours, just copied */
    for (size_t i = 0; i < copy.len; i++)
        if (at[i] >= 'a' && at[i] <= 'z')
            at[i] -= 'a' - 'A';
    return copy;
}

/* The inside of a quoted token; a doubled quote stands for one. */
static struct lt_str build_unquoted(struct lt_parse *p, struct lt_token t)
{
    LT_ASSERT(t.pos.len >= 2);
    char quote = t.text[0];
    struct lt_str copy = lt_build_str(p, (struct lt_str){t.text + 1, t.pos.len - 2});
    char *at = (char *)copy.data;
    size_t len = 0;
    for (size_t i = 0; i < copy.len; i++) {
        at[len++] = at[i];
        if (at[i] == quote)
            i++;
    }
    if (len < copy.len)
        at[len] = '\0';
    copy.len = len;
    return copy;
}

struct lt_str lt_build_text(struct lt_parse *p, struct lt_token t)
{
    return build_unquoted(p, t);
}

struct lt_str lt_build_span_text(struct lt_parse *p, struct lt_pos pos)
{
    return lt_build_str(p, (struct lt_str){p->text + pos.offset, pos.len});
}

bool lt_name_is(const struct lt_ast_name *name, const char *word)
{
    return name != NULL && name->next == NULL && !name->quoted &&
           lt_str_equal_nocase(name->text, lt_str_of(word));
}

int32_t lt_build_int(struct lt_parse *p, struct lt_token number)
{
    int64_t value = 0;
    for (uint32_t i = 0; i < number.pos.len; i++) {
        char c = number.text[i];
        if (c < '0' || c > '9') {
            lt_parse_fail(p, LT_SYNTAX, number.pos, "%.*s must be a whole number",
                          LT_STR_ARG(lt_token_str(number)));
            return 0;
        }
        value = value * 10 + (c - '0');
        if (value > INT32_MAX) {
            lt_parse_fail(p, LT_LIMIT, number.pos, "%.*s is too large here, the most is %d",
                          LT_STR_ARG(lt_token_str(number)), INT32_MAX);
            return 0;
        }
    }
    return (int32_t)value;
}

struct lt_ast_name *lt_build_name(struct lt_parse *p, struct lt_token t)
{
    struct lt_ast_name *name = LT_BUILD_NEW(p, struct lt_ast_name);
    if (t.pos.len > LT_PARSER_NAME_SIZE_MAX)
        lt_parse_fail(p, LT_LIMIT, t.pos, "a name of %u bytes is too long, the most is %d",
                      (unsigned)t.pos.len, LT_PARSER_NAME_SIZE_MAX);
    name->quoted = t.kind == LT_TK_QUOTED;
    name->text = name->quoted ? build_unquoted(p, t) : lt_build_str(p, lt_token_str(t));
    name->pos = t.pos;
    return name;
}

struct lt_ast_name *lt_build_bare_alias(struct lt_parse *p, struct lt_ast_name *name)
{
    if (p->status == LT_OK && !name->quoted && lt_keyword_needs_as(lt_keyword_find(name->text)))
        lt_parse_fail(p, LT_SYNTAX, name->pos,
                      "%.*s cannot be an alias without AS; write AS %.*s, or end the clause "
                      "before it",
                      LT_STR_ARG(name->text), LT_STR_ARG(name->text));
    return name;
}

struct lt_list lt_build_names(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name)
{
    LT_UNUSED(p);
    return LT_LIST_ADD(list, name, 0);
}

static struct lt_ast_option *build_option(struct lt_parse *p, struct lt_str key,
                                          const struct lt_token *value, struct lt_pos start)
{
    struct lt_ast_option *option = LT_BUILD_NEW(p, struct lt_ast_option);
    option->key = key;
    if (value != NULL)
        option->value = lt_build_text(p, *value);
    option->pos = lt_build_span(p, start);
    return option;
}

struct lt_list lt_build_option(struct lt_parse *p, struct lt_list list, struct lt_token key,
                               const struct lt_token *value)
{
    struct lt_ast_option *option = build_option(p, lt_build_text(p, key), value, key.pos);
    list = LT_LIST_ADD(list, option, 0);
    list.flags |= LT_LIST_GIVEN;
    return list;
}

struct lt_list lt_build_options(struct lt_parse *p, struct lt_list list, struct lt_ast_option *o)
{
    LT_UNUSED(p);
    list = LT_LIST_ADD(list, o, 0);
    list.flags |= LT_LIST_GIVEN;
    return list;
}

struct lt_list lt_build_no_options(void)
{
    return (struct lt_list){.flags = LT_LIST_GIVEN};
}

struct lt_ast_option *lt_build_hint_arg(struct lt_parse *p, struct lt_token key,
                                        const struct lt_token *value)
{
    bool quoted = key.kind == LT_TK_STRING || key.kind == LT_TK_QUOTED;
    struct lt_str text = quoted ? lt_build_text(p, key) : lt_build_str(p, lt_token_str(key));
    return build_option(p, text, value, key.pos);
}

struct lt_ast_hint *lt_build_hint(struct lt_parse *p, struct lt_ast_name *name,
                                  struct lt_list options)
{
    struct lt_ast_hint *hint = LT_BUILD_NEW(p, struct lt_ast_hint);
    hint->name = name->text;
    hint->options = options.first;
    hint->pos = lt_build_span(p, name->pos);
    return hint;
}

struct lt_list lt_build_hints(struct lt_parse *p, struct lt_list list, struct lt_ast_hint *hint)
{
    LT_UNUSED(p);
    return LT_LIST_ADD(list, hint, 0);
}

void lt_build_result_stmt(struct lt_parse *p, struct lt_ast_stmt *stmt)
{
    p->stmt = stmt;
}

void lt_build_result_expr(struct lt_parse *p, struct lt_ast_expr *expr)
{
    p->expr = expr;
}

void lt_build_result_query(struct lt_parse *p, struct lt_ast_query *query)
{
    p->query = query;
}

void lt_build_result_type(struct lt_parse *p, struct lt_ast_type *type)
{
    p->type = type;
}
