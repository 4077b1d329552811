/* keywords.c -- from word to token and back. */
#include "parser/token.h"

#include "parser/filter.h"
#include "parser/grammar.h"

static const struct lt_keyword keyword_list[] = {
#define LT_KEYWORD(word, use) {#word, LT_TK_##word, LT_KEYWORD_##use},
#include "parser/keywords.def"
#undef LT_KEYWORD
};

const struct lt_keyword *lt_keyword_list(size_t *len)
{
    *len = LT_ARRAY_LEN(keyword_list);
    return keyword_list;
}

/* Compares a word of any case with an upper-case keyword. */
static int keyword_compare(struct lt_str word, const char *keyword)
{
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.data[i];
        if (c >= 'a' && c <= 'z')
            c -= 'a' - 'A';
        if (c != (unsigned char)keyword[i])
            return c < (unsigned char)keyword[i] ? -1 : 1;
    }
    return keyword[word.len] == '\0' ? 0 : -1;
}

int lt_keyword_find(struct lt_str word)
{
    size_t low = 0;
    size_t high = LT_ARRAY_LEN(keyword_list);
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = keyword_compare(word, keyword_list[mid].word);
        if (order == 0)
            return keyword_list[mid].kind;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return LT_TK_ID;
}

static const struct lt_keyword *keyword_of_kind(int kind)
{
    kind = lt_filter_plain(kind);
    for (size_t i = 0; i < LT_ARRAY_LEN(keyword_list); i++)
        if (keyword_list[i].kind == kind)
            return &keyword_list[i];
    return NULL;
}

const char *lt_keyword_word(int kind)
{
    const struct lt_keyword *keyword = keyword_of_kind(kind);
    return keyword ? keyword->word : NULL;
}

bool lt_keyword_is_reserved(int kind)
{
    const struct lt_keyword *keyword = keyword_of_kind(kind);
    return keyword != NULL && keyword->use == LT_KEYWORD_RESERVED;
}

bool lt_keyword_needs_as(int kind)
{
    const struct lt_keyword *keyword = keyword_of_kind(kind);
    return keyword != NULL && keyword->use == LT_KEYWORD_NEEDS_AS;
}
