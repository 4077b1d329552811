/* build_call.c -- function calls, their special forms, and windows.
 *
 * The grammar takes words between arguments for any function; the table `forms`
 * says which functions know which, and under what plain arguments they go on:
 *
 *     SUBSTRING(x FROM a FOR b)            SUBSTRING(x, a, b)
 *     OVERLAY(x PLACING y FROM a FOR b)    OVERLAY(x, y, a, b)
 *     POSITION(x IN y)                     POSITION(x, y)
 *     TRIM(BOTH c FROM x)                  TRIM(x, c) with the word BOTH
 *     FLOOR(x TO DAY)                      FLOOR(x, DAY)
 *     EXTRACT(DAY FROM x), CAST(x AS t)    kinds of expression of their own
 *     DESCRIPTOR(a, b)                     likewise
 *     JSON_OBJECT(k VALUE v, ...)          JSON_OBJECT(k, v, ...) */
#include "parser/build.h"

#include <stdio.h>

static bool call_name_in(const struct lt_ast_name *name, const char *const *words, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lt_name_is(name, words[i]))
            return true;
    return false;
}
#define CALL_NAME_IN(name, words) call_name_in((name), (words), LT_ARRAY_LEN(words))

static void call_refuse(struct lt_parse *p, const struct lt_ast_name *name, const char *what)
{
    lt_parse_fail(p, LT_SYNTAX, name->pos, "%.*s takes no %s between its arguments",
                  LT_STR_ARG(name->text), what);
}

static struct lt_ast_expr *call_new(struct lt_parse *p, struct lt_list name, struct lt_list args)
{
    struct lt_ast_name *first = name.first;
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_CALL, first->pos);
    struct lt_ast_call *call = LT_BUILD_NEW(p, struct lt_ast_call);
    call->name = first;
    call->args = args.first;
    x->u.call = call;
    lt_build_deepen(p, &x->depth, args.depth);
    return x;
}

/* A lone unquoted name that is a unit of time, as an argument. */
static void call_arg_unit(struct lt_parse *p, struct lt_ast_exprs *arg)
{
    struct lt_ast_expr *x = arg->expr;
    if (p->status != LT_OK || x->kind != LT_AST_COLUMN || x->u.path->next != NULL ||
        x->u.path->quoted || !lt_build_is_unit(x->u.path->text))
        return;
    struct lt_ast_expr *unit = LT_BUILD_NEW(p, struct lt_ast_expr);
    struct lt_token word = {.text = x->u.path->text.data, .pos = x->pos};
    word.pos.len = (uint32_t)x->u.path->text.len;
    *unit = (struct lt_ast_expr){.kind = LT_AST_UNIT, .pos = x->pos, .depth = 1};
    unit->u.text = lt_build_upper(p, word);
    arg->expr = unit;
}

static struct lt_ast_expr *call_descriptor(struct lt_parse *p, struct lt_ast_expr *x)
{
    struct lt_list names = LT_LIST_EMPTY;
    for (struct lt_ast_exprs *arg = x->u.call->args; arg && p->status == LT_OK; arg = arg->next) {
        if (arg->expr->kind != LT_AST_COLUMN || arg->expr->u.path->next != NULL) {
            lt_parse_fail(p, LT_SYNTAX, arg->expr->pos, "DESCRIPTOR takes names of columns");
            break;
        }
        names = lt_build_names(p, names, arg->expr->u.path);
    }
    struct lt_ast_expr *descriptor = lt_build_expr(p, LT_AST_DESCRIPTOR, x->pos);
    descriptor->u.path = names.first;
    return descriptor;
}

/* Functions whose arguments are read in a way of their own. */
static struct lt_ast_expr *call_special(struct lt_parse *p, struct lt_ast_expr *x, uint32_t flags)
{
    static const char *const pairs[] = {"JSON_OBJECT", "JSON_OBJECTAGG"};
    static const char *const units[] = {"TIMESTAMPADD", "TIMESTAMPDIFF"};
    static const char *const never[] = {"CAST", "TRY_CAST", "EXTRACT"};
    struct lt_ast_call *call = x->u.call;
    if (p->status != LT_OK)
        return x;
    if (CALL_NAME_IN(call->name, pairs)) {
        if (flags & LT_LIST_PLAIN)
            lt_parse_fail(p, LT_SYNTAX, x->pos, "%.*s takes pairs: KEY k VALUE v, or k : v",
                          LT_STR_ARG(call->name->text));
    } else if (flags & LT_LIST_PAIRS) {
        call_refuse(p, call->name, "VALUE");
    } else if (CALL_NAME_IN(call->name, units) && call->args != NULL) {
        call_arg_unit(p, call->args);
    } else if (lt_name_is(call->name, "DESCRIPTOR")) {
        return call_descriptor(p, x);
    } else if (lt_name_is(call->name, "POSITION") && call->args != NULL &&
               call->args->next == NULL && call->args->expr->kind == LT_AST_IN_LIST &&
               !call->args->expr->u.in.negated && call->args->expr->u.in.list->next == NULL) {
        struct lt_ast_expr *in = call->args->expr; /* POSITION(a IN (b)) */
        call->args->expr = in->u.in.value;
        call->args->next = in->u.in.list;
    } else if (CALL_NAME_IN(call->name, never)) {
        lt_parse_fail(p, LT_SYNTAX, x->pos, "%.*s is written %s", LT_STR_ARG(call->name->text),
                      lt_name_is(call->name, "EXTRACT") ? "EXTRACT(unit FROM x)"
                                                        : "CAST(x AS type)");
    }
    return x;
}

static bool call_is_json(const struct lt_ast_name *name)
{
    struct lt_str head = {name->text.data, 5};
    return name->text.len > head.len && lt_str_equal_nocase(head, LT_STR("JSON_"));
}

struct lt_ast_expr *lt_build_call(struct lt_parse *p, struct lt_list name, const struct lt_token *q,
                                  struct lt_list args, struct lt_call_tail *tail)
{
    struct lt_ast_expr *x = call_new(p, name, args);
    struct lt_ast_call *call = x->u.call;
    call->distinct = q != NULL && q->kind == LT_TK_DISTINCT;
    if (tail != NULL && p->status == LT_OK) {
        call->order = tail->call.order;
        call->nulls = tail->call.nulls;
        call->returning = tail->call.returning;
        call->on_empty = tail->call.on_empty;
        call->on_error = tail->call.on_error;
        call->words = tail->words.first;
        lt_build_deepen(p, &x->depth, tail->depth);
    }
    if (p->status == LT_OK && (call->words != NULL || call->returning != NULL) &&
        !call_is_json(call->name))
        lt_parse_fail(p, LT_SYNTAX, x->pos, "%.*s takes no %s", LT_STR_ARG(call->name->text),
                      call->words ? call->words->key.data : "RETURNING");
    return call_special(p, x, args.flags);
}

struct lt_ast_expr *lt_build_cast(struct lt_parse *p, struct lt_list name, struct lt_ast_expr *x,
                                  struct lt_ast_type *type)
{
    struct lt_ast_name *first = name.first;
    bool try_cast = p->status == LT_OK && lt_name_is(first, "TRY_CAST");
    if (p->status == LT_OK && !try_cast && !lt_name_is(first, "CAST"))
        lt_parse_fail(p, LT_SYNTAX, first->pos, "only CAST and TRY_CAST take AS and a type");
    struct lt_ast_expr *cast = lt_build_expr(p, LT_AST_CAST, first->pos);
    cast->u.cast.value = x;
    cast->u.cast.type = type;
    cast->u.cast.try_cast = try_cast;
    lt_build_deepen(p, &cast->depth, x->depth);
    return cast;
}

static struct lt_ast_expr *call_extract(struct lt_parse *p, struct lt_ast_name *name,
                                        struct lt_ast_expr *unit, struct lt_ast_expr *x)
{
    struct lt_ast_exprs arg = {.expr = unit};
    call_arg_unit(p, &arg);
    struct lt_ast_expr *extract = lt_build_expr(p, LT_AST_EXTRACT, name->pos);
    if (arg.expr->kind == LT_AST_UNIT)
        extract->u.extract.unit = arg.expr->u.text;
    else
        lt_parse_fail(p, LT_SYNTAX, unit->pos, "EXTRACT needs a unit of time here, such as DAY");
    extract->u.extract.value = x;
    lt_build_deepen(p, &extract->depth, x->depth);
    return extract;
}

struct lt_ast_expr *lt_build_worded(struct lt_parse *p, enum lt_form form, struct lt_list name,
                                    struct lt_ast_expr *x, struct lt_ast_expr *y,
                                    struct lt_ast_expr *z, struct lt_ast_expr *w)
{
    static const struct {
        enum lt_form form;
        const char *name;
    } forms[] = {
        {LT_FORM_FROM, "SUBSTRING"},  {LT_FORM_FROM_FOR, "SUBSTRING"}, {LT_FORM_FROM, "SUBSTR"},
        {LT_FORM_FROM_FOR, "SUBSTR"}, {LT_FORM_PLACING, "OVERLAY"},    {LT_FORM_IN, "POSITION"},
        {LT_FORM_FROM, "TRIM"},
    };
    static const char *const words[] = {"FROM", "FOR", "PLACING", "IN"};
    struct lt_ast_name *first = name.first;
    if (p->status != LT_OK)
        return x;
    if (form == LT_FORM_FROM && lt_name_is(first, "EXTRACT"))
        return call_extract(p, first, x, y);
    bool known = false;
    for (size_t i = 0; i < LT_ARRAY_LEN(forms); i++)
        known |= forms[i].form == form && lt_name_is(first, forms[i].name);
    if (!known)
        call_refuse(p, first, words[form]);
    if (form == LT_FORM_FROM && lt_name_is(first, "TRIM")) {
        struct lt_ast_expr *chars = x;
        x = y;
        y = chars;
    }
    struct lt_list args = lt_build_exprs(p, LT_LIST_EMPTY, x);
    args = lt_build_exprs(p, args, y);
    if (z != NULL)
        args = lt_build_exprs(p, args, z);
    if (w != NULL)
        args = lt_build_exprs(p, args, w);
    return call_new(p, name, args);
}

struct lt_ast_expr *lt_build_to_unit(struct lt_parse *p, struct lt_list name, struct lt_ast_expr *x,
                                     struct lt_token unit)
{
    static const char *const takers[] = {"FLOOR", "CEIL", "CEILING"};
    if (p->status != LT_OK)
        return x;
    if (!CALL_NAME_IN(name.first, takers))
        call_refuse(p, name.first, "TO");
    if (!lt_build_is_unit(lt_token_str(unit)))
        lt_parse_fail(p, LT_SYNTAX, unit.pos, "%.*s is no unit of time",
                      LT_STR_ARG(lt_token_str(unit)));
    struct lt_ast_expr *to = lt_build_expr(p, LT_AST_UNIT, unit.pos);
    to->pos = unit.pos;
    to->u.text = lt_build_upper(p, unit);
    return call_new(p, name, lt_build_exprs(p, lt_build_exprs(p, LT_LIST_EMPTY, x), to));
}

static struct lt_list call_word(struct lt_parse *p, struct lt_list words, struct lt_str key,
                                struct lt_pos start)
{
    struct lt_ast_option *word = LT_BUILD_NEW(p, struct lt_ast_option);
    word->key = key;
    word->pos = lt_build_span(p, start);
    return LT_LIST_ADD(words, word, 0);
}

struct lt_ast_expr *lt_build_trim(struct lt_parse *p, struct lt_list name, struct lt_token side,
                                  struct lt_ast_expr *chars, struct lt_ast_expr *x)
{
    if (p->status != LT_OK)
        return x;
    if (!lt_name_is(name.first, "TRIM"))
        call_refuse(p, name.first, lt_keyword_word(side.kind));
    struct lt_list args = lt_build_exprs(p, LT_LIST_EMPTY, x);
    if (chars != NULL)
        args = lt_build_exprs(p, args, chars);
    struct lt_ast_expr *call = call_new(p, name, args);
    struct lt_list words = call_word(p, LT_LIST_EMPTY, lt_build_upper(p, side), side.pos);
    if (p->status == LT_OK)
        call->u.call->words = words.first;
    return call;
}

/* ---- what follows a call ---------------------------------------------- */

/* Grows the call's position over the clause just read, which may be said once. */
static void call_extend(struct lt_parse *p, struct lt_ast_expr *x, bool again, const char *clause)
{
    x->pos = lt_build_span(p, x->pos);
    if (again)
        lt_parse_fail(p, LT_SYNTAX, p->prev.pos, "%s is said twice for one call", clause);
}

/* DESCRIPTOR(...), CAST and EXTRACT look like calls and are none. */
static bool call_is(struct lt_parse *p, struct lt_ast_expr *x, const char *clause)
{
    if (p->status != LT_OK)
        return false;
    if (x->kind == LT_AST_CALL)
        return true;
    lt_parse_fail(p, LT_SYNTAX, x->pos, "%s needs a function call", clause);
    return false;
}

struct lt_ast_expr *lt_build_call_semantics(struct lt_parse *p, struct lt_token t,
                                            struct lt_ast_expr *x)
{
    if (!call_is(p, x, "FINAL or RUNNING"))
        return x;
    x->u.call->semantics = t.kind == LT_TK_FINAL_S ? LT_AST_FINAL : LT_AST_RUNNING;
    x->pos = lt_build_span(p, t.pos);
    return x;
}

struct lt_ast_expr *lt_build_call_within_group(struct lt_parse *p, struct lt_ast_expr *x,
                                               struct lt_list order)
{
    if (!call_is(p, x, "WITHIN GROUP"))
        return x;
    call_extend(p, x, x->u.call->within_group != NULL, "WITHIN GROUP");
    x->u.call->within_group = order.first;
    lt_build_deepen(p, &x->depth, order.depth);
    return x;
}

struct lt_ast_expr *lt_build_call_filter(struct lt_parse *p, struct lt_ast_expr *x,
                                         struct lt_ast_expr *filter)
{
    if (!call_is(p, x, "FILTER"))
        return x;
    call_extend(p, x, x->u.call->filter != NULL, "FILTER");
    x->u.call->filter = filter;
    lt_build_deepen(p, &x->depth, filter->depth);
    return x;
}

struct lt_ast_expr *lt_build_call_nulls(struct lt_parse *p, struct lt_ast_expr *x,
                                        struct lt_token t)
{
    if (!call_is(p, x, "NULLS"))
        return x;
    call_extend(p, x, x->u.call->nulls != LT_AST_NULLS_UNSAID, "IGNORE or RESPECT NULLS");
    x->u.call->nulls = t.kind == LT_TK_IGNORE ? LT_AST_IGNORE_NULLS : LT_AST_RESPECT_NULLS;
    return x;
}

struct lt_ast_expr *lt_build_call_over(struct lt_parse *p, struct lt_ast_expr *x, struct lt_token t,
                                       struct lt_ast_window *window)
{
    if (!call_is(p, x, "OVER"))
        return x;
    call_extend(p, x, x->u.call->over != NULL, "OVER");
    window->pos = lt_build_span(p, t.pos);
    x->u.call->over = window;
    lt_build_deepen(p, &x->depth, window->depth);
    return x;
}

/* ---- arguments -------------------------------------------------------- */

/* Appends one argument, or the two of a pair. */
struct lt_list lt_build_args(struct lt_parse *p, struct lt_list list, struct lt_list arg)
{
    LT_UNUSED(p);
    list.flags |= arg.flags | (arg.flags & LT_LIST_PAIRS ? 0 : LT_LIST_PLAIN);
    struct lt_ast_exprs *first = arg.first;
    struct lt_ast_exprs *second = arg.last;
    list = LT_LIST_ADD(list, first, arg.depth);
    return first == second ? list : LT_LIST_ADD(list, second, arg.depth);
}

struct lt_list lt_build_pair(struct lt_parse *p, struct lt_ast_expr *key, struct lt_ast_expr *value)
{
    struct lt_list pair = lt_build_exprs(p, lt_build_exprs(p, LT_LIST_EMPTY, key), value);
    pair.flags = LT_LIST_PAIRS;
    return pair;
}

struct lt_ast_expr *lt_build_named_arg(struct lt_parse *p, struct lt_ast_name *name,
                                       struct lt_ast_expr *x)
{
    struct lt_ast_expr *named = lt_build_expr(p, LT_AST_NAMED_ARG, name->pos);
    named->u.named.name = name;
    named->u.named.value = x;
    lt_build_deepen(p, &named->depth, x->depth);
    return named;
}

struct lt_ast_expr *lt_build_table_arg(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                       struct lt_ast_query *query, struct lt_list partition,
                                       struct lt_list order)
{
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_TABLE_ARG, t.pos);
    x->u.table_arg.table = path.first;
    x->u.table_arg.query = query;
    x->u.table_arg.partition = partition.first;
    x->u.table_arg.order = order.first;
    if (query != NULL)
        lt_build_deepen(p, &x->depth, query->depth);
    lt_build_deepen(p, &x->depth, partition.depth);
    lt_build_deepen(p, &x->depth, order.depth);
    return x;
}

/* (a, b) as the list a, b. */
struct lt_list lt_build_unrow(struct lt_parse *p, struct lt_ast_expr *x)
{
    if (x->kind != LT_AST_ROW || x->parenthesised)
        return lt_build_exprs(p, LT_LIST_EMPTY, x);
    return (struct lt_list){.first = x->u.list, .depth = x->depth};
}

struct lt_list lt_build_unrow_order(struct lt_parse *p, struct lt_ast_order *order)
{
    struct lt_list list = LT_LIST_EMPTY;
    if (p->status != LT_OK || order->expr->kind != LT_AST_ROW)
        return lt_build_orders(p, list, order);
    for (struct lt_ast_exprs *at = order->expr->u.list; at && p->status == LT_OK; at = at->next)
        list =
            lt_build_orders(p, list, lt_build_order(p, at->expr, order->descending, order->nulls));
    return list;
}

static struct lt_call_tail *tail_of(struct lt_parse *p, struct lt_call_tail *tail)
{
    return tail != NULL ? tail : LT_BUILD_NEW(p, struct lt_call_tail);
}

static void tail_again(struct lt_parse *p, bool again, const char *clause)
{
    if (again)
        lt_parse_fail(p, LT_SYNTAX, p->prev.pos, "%s is said twice for one call", clause);
}

struct lt_call_tail *lt_build_tail_order(struct lt_parse *p, struct lt_call_tail *tail,
                                         struct lt_list order)
{
    tail = tail_of(p, tail);
    tail_again(p, tail->call.order != NULL, "ORDER BY");
    tail->call.order = order.first;
    lt_build_deepen(p, &tail->depth, order.depth);
    return tail;
}

struct lt_call_tail *lt_build_tail_nulls(struct lt_parse *p, struct lt_call_tail *tail,
                                         struct lt_token t)
{
    tail = tail_of(p, tail);
    tail_again(p, tail->call.nulls != LT_AST_NULLS_UNSAID, "IGNORE or RESPECT NULLS");
    tail->call.nulls = t.kind == LT_TK_IGNORE ? LT_AST_IGNORE_NULLS : LT_AST_RESPECT_NULLS;
    return tail;
}

struct lt_call_tail *lt_build_tail_returning(struct lt_parse *p, struct lt_call_tail *tail,
                                             struct lt_ast_type *type)
{
    tail = tail_of(p, tail);
    tail_again(p, tail->call.returning != NULL, "RETURNING");
    tail->call.returning = type;
    return tail;
}

struct lt_words lt_build_words(struct lt_token first, const struct lt_token *second)
{
    struct lt_words words = {{first, {0}}};
    if (second != NULL)
        words.word[1] = *second;
    return words;
}

/* NULL ON EMPTY, EMPTY ARRAY ON ERROR ... */
struct lt_call_tail *lt_build_tail_words(struct lt_parse *p, struct lt_call_tail *tail,
                                         struct lt_words words, struct lt_token event)
{
    tail = tail_of(p, tail);
    const char *first = lt_keyword_word(words.word[0].kind);
    const char *second = words.word[1].kind ? lt_keyword_word(words.word[1].kind) : NULL;
    char text[64];
    int len = snprintf(text, sizeof(text), "%s%s%s ON %s", first, second ? " " : "",
                       second ? second : "", lt_keyword_word(event.kind));
    struct lt_str key = lt_build_str(p, (struct lt_str){text, (size_t)len});
    tail->words = call_word(p, tail->words, key, words.word[0].pos);
    return tail;
}

struct lt_call_tail *lt_build_tail_default(struct lt_parse *p, struct lt_call_tail *tail,
                                           struct lt_token t, struct lt_ast_expr *x,
                                           struct lt_token event)
{
    tail = tail_of(p, tail);
    bool empty = event.kind == LT_TK_EMPTY;
    struct lt_ast_expr **slot = empty ? &tail->call.on_empty : &tail->call.on_error;
    if (event.kind == LT_TK_NULL)
        lt_parse_fail(p, LT_SYNTAX, event.pos, "DEFAULT goes with ON EMPTY or ON ERROR");
    tail_again(p, *slot != NULL, "DEFAULT");
    *slot = x;
    lt_build_deepen(p, &tail->depth, x->depth);
    tail->words = call_word(p, tail->words,
                            empty ? LT_STR("DEFAULT ON EMPTY") : LT_STR("DEFAULT ON ERROR"), t.pos);
    return tail;
}

struct lt_call_tail *lt_build_tail_wrapper(struct lt_parse *p, struct lt_call_tail *tail,
                                           struct lt_token t, const char *words)
{
    tail = tail_of(p, tail);
    tail->words = call_word(p, tail->words, lt_str_of(words), t.pos);
    return tail;
}

/* ---- ORDER BY and windows --------------------------------------------- */

struct lt_ast_order *lt_build_order(struct lt_parse *p, struct lt_ast_expr *x, bool descending,
                                    int nulls)
{
    struct lt_ast_order *order = LT_BUILD_NEW(p, struct lt_ast_order);
    order->expr = x;
    order->descending = descending;
    order->nulls = nulls;
    return order;
}

struct lt_list lt_build_orders(struct lt_parse *p, struct lt_list list, struct lt_ast_order *order)
{
    return LT_LIST_ADD(list, order, p->status == LT_OK ? order->expr->depth : 0);
}

struct lt_ast_window *lt_build_window_ref(struct lt_parse *p, struct lt_ast_name *name)
{
    struct lt_ast_window *window = LT_BUILD_NEW(p, struct lt_ast_window);
    window->name = name;
    return window;
}

struct lt_ast_window *lt_build_window(struct lt_parse *p, struct lt_ast_name *base,
                                      struct lt_list partition, struct lt_list order,
                                      struct lt_frame *frame)
{
    struct lt_ast_window *window = LT_BUILD_NEW(p, struct lt_ast_window);
    if (frame != NULL) {
        *window = frame->window;
        lt_build_deepen(p, &window->depth, frame->depth);
    }
    window->base = base;
    window->partition = partition.first;
    window->order = order.first;
    lt_build_deepen(p, &window->depth, partition.depth);
    lt_build_deepen(p, &window->depth, order.depth);
    return window;
}

struct lt_frame *lt_build_frame(struct lt_parse *p, struct lt_token t, struct lt_ast_bound *from,
                                struct lt_ast_bound *to)
{
    struct lt_frame *frame = LT_BUILD_NEW(p, struct lt_frame);
    frame->window.frame = t.kind == LT_TK_ROWS ? LT_AST_FRAME_ROWS : LT_AST_FRAME_RANGE;
    frame->window.from = *from;
    frame->window.to = to ? *to : (struct lt_ast_bound){.kind = LT_AST_CURRENT_ROW};
    if (p->status != LT_OK)
        return frame;
    frame->depth = from->offset ? from->offset->depth : 0;
    if (to != NULL && to->offset != NULL && to->offset->depth > frame->depth)
        frame->depth = to->offset->depth;
    return frame;
}

struct lt_ast_bound *lt_build_bound(struct lt_parse *p, int kind, struct lt_ast_expr *offset)
{
    struct lt_ast_bound *bound = LT_BUILD_NEW(p, struct lt_ast_bound);
    bound->kind = kind;
    bound->offset = offset;
    return bound;
}
