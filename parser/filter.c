/* filter.c -- settles contextual words by looking one token ahead.
 *
 * Few words are reserved, so most keywords are names too. The grammar alone
 * decides where that can be seen from the words before; the filter decides
 * where it takes the token behind. A rule either turns a word into a variant
 * token, provided the parser would accept it at this place (DATE before a
 * string becomes DATE_S), or leaves the word a keyword only before certain
 * tokens and makes it a plain name otherwise (LEFT is one only before JOIN).
 * Behind a dot every word is a name.
 *
 *     lexer ──▶ ahead[0..3] ──▶ rules ──▶ grammar
 *                                 ▲          │ would you accept …?
 *                                 └──────────┘
 *
 * INTERVAL, TIMESTAMP WITH, FINAL and CONSTRAINT look two tokens ahead. */
#include "parser/filter.h"

#include "parser/grammar.h"
#include "parser/grammar_tables.h"

enum filter_look {
    LOOK_TOKEN,   /* one of next[] */
    LOOK_NOT,     /* none of next[] */
    LOOK_NAME,    /* something that may be a name */
    LOOK_NAME_OR, /* a name, or one of next[] */
};

struct filter_rule {
    int word;
    int variant; /* 0: the word stays itself when the rule holds, else it is a name */
    enum filter_look look;
    int next[6];
};

#define T(x) LT_TK_##x
static const struct filter_rule filter_rules[] = {
    {T(ALL), T(ALL_P), LOOK_TOKEN, {T(LP)}},
    {T(ANTI), 0, LOOK_TOKEN, {T(JOIN)}},
    {T(ANY), T(ANY_P), LOOK_TOKEN, {T(LP)}},
    {T(ARRAY), T(ARRAY_B), LOOK_TOKEN, {T(LBRACKET)}},
    {T(ARRAY), T(ARRAY_P), LOOK_TOKEN, {T(LP)}},
    {T(ASOF), 0, LOOK_TOKEN, {T(JOIN), T(LEFT), T(INNER)}},
    {T(ASYMMETRIC), 0, LOOK_NOT, {T(AND), T(DOT), T(LBRACKET), T(STAR), T(SLASH), T(PERCENT)}},
    {T(AT), T(AT_TZ), LOOK_TOKEN, {T(TIME)}},
    {T(BOTH), 0, LOOK_NAME_OR, {T(FROM), T(STRING), T(LP)}},
    {T(CATALOG), 0, LOOK_NAME, {0}},
    {T(CROSS), 0, LOOK_TOKEN, {T(JOIN)}},
    {T(CUBE), 0, LOOK_TOKEN, {T(LP)}},
    {T(CURRENT), 0, LOOK_TOKEN, {T(ROW)}},
    {T(DATABASE), 0, LOOK_NAME, {0}},
    {T(DATE), T(DATE_S), LOOK_TOKEN, {T(STRING)}},
    {T(EXISTS), T(EXISTS_P), LOOK_TOKEN, {T(LP)}},
    {T(EXTENDED), 0, LOOK_NAME, {0}},
    {T(FILTER), 0, LOOK_TOKEN, {T(LP)}},
    {T(FULL), 0, LOOK_TOKEN, {T(JOIN), T(OUTER)}},
    {T(FUNCTION), 0, LOOK_NAME, {0}},
    {T(GROUPING), 0, LOOK_TOKEN, {T(SETS)}},
    {T(IF), 0, LOOK_TOKEN, {T(NOT), T(EXISTS)}},
    {T(IGNORE), 0, LOOK_TOKEN, {T(NULLS)}},
    {T(IN), T(IN_BARE), LOOK_NOT, {T(LP)}},
    {T(INNER), 0, LOOK_TOKEN, {T(JOIN)}},
    {T(LATERAL), 0, LOOK_TOKEN, {T(TABLE), T(LP), T(UNNEST)}},
    {T(LEADING), 0, LOOK_NAME_OR, {T(FROM), T(STRING), T(LP)}},
    {T(LEFT), 0, LOOK_TOKEN, {T(JOIN), T(OUTER), T(SEMI), T(ANTI), T(ASOF)}},
    {T(MAP), T(MAP_B), LOOK_TOKEN, {T(LBRACKET)}},
    {T(MATCH_CONDITION), 0, LOOK_TOKEN, {T(LP)}},
    {T(MATCH_RECOGNIZE), 0, LOOK_TOKEN, {T(LP)}},
    {T(MATERIALIZED), 0, LOOK_TOKEN, {T(VIEW)}},
    {T(MULTISET), T(MULTISET_B), LOOK_TOKEN, {T(LBRACKET)}},
    {T(NATURAL), 0, LOOK_TOKEN, {T(JOIN), T(LEFT), T(RIGHT), T(FULL), T(INNER)}},
    {T(NOT), T(NOT_OP), LOOK_TOKEN, {T(IN), T(BETWEEN), T(LIKE), T(ILIKE), T(SIMILAR)}},
    {T(NOT), T(NOT_OP), LOOK_TOKEN, {T(RLIKE), T(REGEXP)}},
    {T(OVER), 0, LOOK_NAME_OR, {T(LP)}},
    {T(OVERLAPS), 0, LOOK_TOKEN, {T(LP), T(ROW)}},
    {T(PARTITION), 0, LOOK_TOKEN, {T(BY), T(LP)}},
    {T(PERMUTE), T(PERMUTE_P), LOOK_TOKEN, {T(LP)}},
    {T(PRIMARY), 0, LOOK_TOKEN, {T(KEY)}},
    {T(QUERY), 0, LOOK_NAME, {0}},
    {T(RECURSIVE), 0, LOOK_NAME, {0}},
    {T(RESPECT), 0, LOOK_TOKEN, {T(NULLS)}},
    {T(RIGHT), 0, LOOK_TOKEN, {T(JOIN), T(OUTER)}},
    {T(ROLLUP), 0, LOOK_TOKEN, {T(LP)}},
    {T(ROW), T(ROW_LT), LOOK_TOKEN, {T(LT)}},
    {T(ROW), T(ROW_P), LOOK_TOKEN, {T(LP)}},
    {T(SEMI), 0, LOOK_TOKEN, {T(JOIN)}},
    {T(SIMILAR), 0, LOOK_TOKEN, {T(TO)}},
    {T(SOME), T(ANY_P), LOOK_TOKEN, {T(LP)}},
    {T(SYMMETRIC), 0, LOOK_NOT, {T(AND), T(DOT), T(LBRACKET), T(STAR), T(SLASH), T(PERCENT)}},
    {T(TIME), T(TIME_S), LOOK_TOKEN, {T(STRING)}},
    {T(TIMEOUT), T(TIMEOUT_P), LOOK_TOKEN, {T(LP)}},
    {T(TIMESTAMP), T(TIMESTAMP_S), LOOK_TOKEN, {T(STRING)}},
    {T(TIMESTAMP_LTZ), T(TIMESTAMP_LTZ_S), LOOK_TOKEN, {T(STRING)}},
    {T(TRAILING), 0, LOOK_NAME_OR, {T(FROM), T(STRING), T(LP)}},
    {T(UNNEST), 0, LOOK_TOKEN, {T(LP)}},
    {T(VIEW), 0, LOOK_NAME, {0}},
    {T(WATERMARK), T(WATERMARK_F), LOOK_TOKEN, {T(FOR)}},
    {T(WITH), T(WITH_TZ), LOOK_TOKEN, {T(LOCAL), T(TIME)}},
    {T(WITHIN), T(WITHIN_G), LOOK_TOKEN, {T(GROUP)}},
    {T(WITHOUT), T(WITHOUT_TZ), LOOK_TOKEN, {T(TIME)}},
};

/* Variants no rule above makes. */
static const int filter_more_variants[][2] = {
    {T(TIMESTAMP_Z), T(TIMESTAMP)}, {T(FINAL_S), T(FINAL)},     {T(FINAL_M), T(FINAL)},
    {T(RUNNING_S), T(RUNNING)},     {T(RUNNING_M), T(RUNNING)}, {T(KEY_J), T(KEY)},
};

int lt_filter_plain(int kind)
{
    for (size_t i = 0; i < LT_ARRAY_LEN(filter_rules); i++)
        if (filter_rules[i].variant == kind && kind != 0)
            return filter_rules[i].word;
    for (size_t i = 0; i < LT_ARRAY_LEN(filter_more_variants); i++)
        if (filter_more_variants[i][0] == kind)
            return filter_more_variants[i][1];
    return kind;
}

void lt_filter_init(struct lt_filter *filter, const struct lt_lexer *lex, const void *parser,
                    int start)
{
    *filter = (struct lt_filter){.lex = *lex, .parser = parser, .prev = start};
}

/* The n-th token from here, 0 being the next; hints are passed over. */
static struct lt_token filter_peek(struct lt_filter *filter, unsigned n)
{
    LT_ASSERT(n < LT_FILTER_AHEAD);
    while (filter->n_ahead <= n) {
        struct lt_token token = lt_lexer_next(&filter->lex);
        if (token.kind != T(HINT) || filter->n_ahead == 0)
            filter->ahead[filter->n_ahead++] = token;
    }
    return filter->ahead[n];
}

static struct lt_token filter_take(struct lt_filter *filter)
{
    struct lt_token token = filter_peek(filter, 0);
    filter->n_ahead--;
    memmove(filter->ahead, filter->ahead + 1, filter->n_ahead * sizeof(token));
    return token;
}

/* Forgets what was read ahead and goes on `skip` bytes behind the token's start. */
static void filter_rewind(struct lt_filter *filter, struct lt_token token, uint32_t skip)
{
    filter->n_ahead = 0;
    lt_lexer_rewind(&filter->lex, token, skip);
}

static bool filter_is_name(int kind)
{
    return kind == T(ID) || kind == T(QUOTED) || lt_grammar_falls_back(kind);
}

static bool filter_is_operand(int kind)
{
    switch (kind) {
    case T(STRING):
    case T(NUMBER):
    case T(BINARY):
    case T(LP):
    case T(QUESTION):
    case T(CASE):
    case T(NULL):
    case T(TRUE):
    case T(FALSE): return true;
    default: return filter_is_name(kind);
    }
}

/* Soft words that go on with an expression rather than start one. */
static bool filter_is_infix(int kind)
{
    static const int words[] = {T(ILIKE),    T(RLIKE),  T(REGEXP), T(SIMILAR), T(AT),
                                T(OVERLAPS), T(ESCAPE), T(ASC),    T(DESC),    T(NULLS)};
    for (size_t i = 0; i < LT_ARRAY_LEN(words); i++)
        if (words[i] == kind)
            return true;
    return false;
}

static bool filter_holds(const struct filter_rule *rule, int next)
{
    bool listed = false;
    for (size_t i = 0; i < LT_ARRAY_LEN(rule->next) && rule->next[i] != 0; i++)
        listed |= rule->next[i] == next;
    switch (rule->look) {
    case LOOK_TOKEN: return listed;
    case LOOK_NOT: return !listed;
    case LOOK_NAME: return filter_is_name(next);
    case LOOK_NAME_OR: return listed || filter_is_name(next);
    }
    return false;
}

static bool filter_is_unit(struct lt_token token)
{
    static const char *const units[] = {"YEAR", "QUARTER", "MONTH",  "WEEK",        "DAY",
                                        "HOUR", "MINUTE",  "SECOND", "MILLISECOND", "MICROSECOND"};
    for (size_t i = 0; token.kind == T(ID) && i < LT_ARRAY_LEN(units); i++)
        if (lt_str_equal_nocase(lt_token_str(token), lt_str_of(units[i])))
            return true;
    return false;
}

/* INTERVAL starts a literal or a type only before what can go on with one. */
static bool filter_is_interval(struct lt_filter *filter)
{
    struct lt_token next = filter_peek(filter, 0);
    switch (next.kind) {
    case T(STRING):
    case T(NUMBER):
    case T(LP): return true;
    case T(PLUS):
    case T(MINUS): return filter_peek(filter, 1).kind == T(STRING);
    default: break;
    }
    if (!filter_is_name(next.kind))
        return false;
    struct lt_token after = filter_peek(filter, 1);
    return filter_is_unit(next) || filter_is_unit(after) || after.kind == T(DOT);
}

/* FINAL and RUNNING: before a call, or at the start of a measure; else a name. */
static int filter_semantics(struct lt_filter *filter, int word)
{
    int next = filter_peek(filter, 0).kind;
    if (!filter_is_operand(next) || filter_is_infix(next))
        return T(ID);
    int call = word == T(FINAL) ? T(FINAL_S) : T(RUNNING_S);
    if (filter_is_name(next) && filter_peek(filter, 1).kind == T(LP) &&
        lt_grammar_accepts(filter->parser, call))
        return call;
    int measure = word == T(FINAL) ? T(FINAL_M) : T(RUNNING_M);
    return lt_grammar_accepts(filter->parser, measure) ? measure : T(ID);
}

/* Words that need two tokens. Returns the kind to use, or -1: no such word. */
static int filter_two_ahead(struct lt_filter *filter, int word)
{
    if (word == T(INTERVAL))
        return filter_is_interval(filter) ? word : T(ID);
    if (word == T(CONSTRAINT))
        return filter_peek(filter, 1).kind == T(PRIMARY) ? word : T(ID);
    if (word == T(FINAL) || word == T(RUNNING))
        return filter_semantics(filter, word);
    if (word == T(KEY)) { /* KEY k VALUE v; but key VALUE v is a column */
        int next = filter_peek(filter, 0).kind;
        bool marks = filter_is_operand(next) && next != T(VALUE);
        return marks && lt_grammar_accepts(filter->parser, T(KEY_J)) ? T(KEY_J) : word;
    }
    if (word == T(TIMESTAMP) && filter_peek(filter, 0).kind == T(WITH) &&
        filter_peek(filter, 1).kind == T(LOCAL) &&
        lt_grammar_accepts(filter->parser, T(TIMESTAMP_Z)))
        return T(TIMESTAMP_Z);
    return -1;
}

static int filter_word(struct lt_filter *filter, int word)
{
    if (filter->prev == T(DOT))
        return T(ID);
    int two = filter_two_ahead(filter, word);
    if (two >= 0)
        return two;
    for (size_t i = 0; i < LT_ARRAY_LEN(filter_rules); i++) {
        const struct filter_rule *rule = &filter_rules[i];
        if (rule->word != word)
            continue;
        bool holds = filter_holds(rule, filter_peek(filter, 0).kind);
        if (rule->variant == 0)
            return holds ? word : T(ID);
        if (holds && lt_grammar_accepts(filter->parser, rule->variant))
            return rule->variant;
    }
    return word;
}

/* SET and RESET take the rest of the statement as it stands, unless it is the
 * quoted form that the grammar knows. */
static bool filter_is_raw(struct lt_filter *filter, int word)
{
    int kind[LT_FILTER_AHEAD];
    for (unsigned i = 0; i < LT_FILTER_AHEAD; i++)
        kind[i] = filter_peek(filter, i).kind;
    if (kind[0] == 0 || kind[0] == T(SEMICOLON))
        return false;
    unsigned end = word == T(SET) ? 3 : 1;
    if (kind[0] != T(STRING) || (end == 3 && (kind[1] != T(EQ) || kind[2] != T(STRING))))
        return true;
    return kind[end] != 0 && kind[end] != T(SEMICOLON);
}

static struct lt_token filter_raw(struct lt_filter *filter)
{
    struct lt_token raw = filter_peek(filter, 0);
    filter_rewind(filter, raw, 0);
    struct lt_lexer *lex = &filter->lex;
    size_t end = lex->at;
    char quote = 0;
    for (; end < lex->size; end++) {
        char c = lex->text[end];
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"' || c == '`')
            quote = c;
        else if (c == ';' || c == '\n' ||
                 (c == '-' && end + 1 < lex->size && lex->text[end + 1] == '-'))
            break;
    }
    raw.kind = T(RAW);
    raw.fault = LT_LEX_FINE;
    if (lt_lexer_find_bad(lex, lex->at, end) < end)
        raw.fault = LT_LEX_BAD_UTF8;
    else if (quote != 0)
        raw.fault = LT_LEX_OPEN_STRING;
    if (raw.fault != LT_LEX_FINE)
        raw.kind = T(ILLEGAL);
    raw.pos.len = (uint32_t)(end - lex->at);
    while (lex->at < end) /* one line: columns are code points */
        lex->column += ((unsigned char)lex->text[lex->at++] & 0xc0) != 0x80;
    return raw;
}

static bool filter_is_keyword(struct lt_token token)
{
    if (token.kind == 0 || token.kind == T(ID) || token.kind == T(BINARY) ||
        token.kind == T(ILLEGAL))
        return false;
    char c = token.text[0];
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

struct lt_token lt_filter_next(struct lt_filter *filter)
{
    struct lt_token token;
    if ((filter->prev == T(SET) || filter->prev == T(RESET)) &&
        lt_grammar_accepts(filter->parser, T(RAW)) && filter_is_raw(filter, filter->prev)) {
        token = filter_raw(filter);
    } else {
        token = filter_take(filter);
        while (token.kind == T(HINT) && !lt_grammar_accepts(filter->parser, T(HINT_OPEN)))
            token = filter_take(filter); /* elsewhere a comment */
        if (token.kind == T(HINT)) {
            filter_rewind(filter, token, 3);
            filter->lex.in_hint = true;
            token.kind = T(HINT_OPEN);
            token.pos.len = 3;
        } else if (filter_is_keyword(token)) {
            token.kind = filter_word(filter, token.kind);
        }
    }
    filter->prev = token.kind;
    return token;
}
