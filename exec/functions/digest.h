/* digest.h -- message digests from their standards: MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4),
 * CRC-32 (ISO 3309). For checksums and pseudonyms in data, not for secrets. */
#ifndef LT_EXEC_FUNCTIONS_DIGEST_H
#define LT_EXEC_FUNCTIONS_DIGEST_H

#include "base/str.h"

enum { DIGEST_SIZE_MAX = 64 };

void digest_md5(struct lt_str message, unsigned char out[16]);
void digest_sha1(struct lt_str message, unsigned char out[20]);
void digest_sha256(struct lt_str message, unsigned char out[32]);
void digest_sha224(struct lt_str message, unsigned char out[28]);
void digest_sha512(struct lt_str message, unsigned char out[64]);
void digest_sha384(struct lt_str message, unsigned char out[48]);
uint32_t digest_crc32(struct lt_str message);

#endif
