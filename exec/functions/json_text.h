/* json_text.h -- JSON (RFC 8259) inside a text: checking, finding by a path, writing. */
#ifndef LT_EXEC_FUNCTIONS_JSON_TEXT_H
#define LT_EXEC_FUNCTIONS_JSON_TEXT_H

#include "data/value.h"

enum json_kind {
    JSON_BAD,
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

/* What the whole text is; JSON_BAD when it is not one JSON value. */
enum json_kind json_check(struct lt_str text);

enum json_found { JSON_FOUND, JSON_NONE, JSON_BAD_TEXT, JSON_BAD_PATH };
/* The value at a path such as $.a.b[0]['c'], as a part of `text`. The words lax and
 * strict may stand before it; wildcards and filters are not known (JSON_BAD_PATH). */
enum json_found json_find(struct lt_str text, struct lt_str path, struct lt_buf *scratch,
                          struct lt_str *value, enum json_kind *kind);
bool json_path_valid(struct lt_str path);

/* The text that a JSON string says; `quoted` has its quotes. */
void json_unquote(struct lt_buf *out, struct lt_str quoted);
/* Without blanks between its parts. `value` is valid JSON. */
void json_compact(struct lt_buf *out, struct lt_str value);
void json_quote(struct lt_buf *out, struct lt_str text);
/* Any value as JSON: rows as objects, maps as objects with their keys as text, times as text. */
void json_write(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone);

#endif
