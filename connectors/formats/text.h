/* text.h -- bytes as text: UTF-8, excerpts for messages, base64. */
#ifndef LT_CONNECTORS_FORMATS_TEXT_H
#define LT_CONNECTORS_FORMATS_TEXT_H

#include "base/str.h"
#include "base/swar.h"

/* Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool lt_utf8_valid(struct lt_str text);
/* Code points, given that `text` is valid. */
size_t lt_utf8_length(struct lt_str text);
/* Writes one code point, returns its 1 to 4 bytes. */
unsigned lt_utf8_put(char *out, uint32_t code);

/* A piece of input as a message shows it: at most 40 characters, control bytes and broken
 * UTF-8 as '?', "..." where it was cut. */
enum { LT_EXCERPT_SIZE = 176 };
const char *lt_excerpt(char out[LT_EXCERPT_SIZE], struct lt_str text);

size_t lt_base64_size(size_t bytes); /* of the encoded text */
void lt_base64_encode(char *out, struct lt_str bytes);
/* `out` has room for text.len bytes. False when it is not base64. */
bool lt_base64_decode(char *out, size_t *size, struct lt_str text);

#endif
