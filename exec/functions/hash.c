/* hash.c -- MD5, SHA1, SHA2 and CRC32 of text or bytes, as lower-case hexadecimal text. */
#include "exec/functions/digest.h"
#include "exec/functions/support.h"

static lt_status put_hex(struct fn_row *r, uint32_t i, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * DIGEST_SIZE_MAX];
    for (size_t at = 0; at < n; at++) {
        text[2 * at] = digits[bytes[at] >> 4];
        text[2 * at + 1] = digits[bytes[at] & 15];
    }
    return fn_set_str(r, i, (struct lt_str){text, 2 * n});
}

/* Text or bytes, whichever it is. */
static lt_status bind_digest(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    return fn_bind(call, lt_type_is_binary(call->args[0]) ? "b>s" : "s>s", kernel);
}

#define DIGEST_FUNCTION(id, text, size, what, prints)                                      \
    static lt_status id##_row(struct fn_row *r, uint32_t i)                                \
    {                                                                                      \
        unsigned char out[size];                                                           \
        digest_##id(fn_str(r, 0, i), out);                                                 \
        return put_hex(r, i, out, size);                                                   \
    }                                                                                      \
    FN_TOTAL_KERNEL(id##_kernel, id##_row);                                                \
    static lt_status bind_##id(struct lt_bind_call *call)                                  \
    {                                                                                      \
        return bind_digest(call, &id##_kernel);                                            \
    }                                                                                      \
    FN(id, text, NULL, "hash", 1, 1, bind_##id, text "(x STRING | BYTES) -> STRING", what, \
       text "('abc')", prints)
DIGEST_FUNCTION(md5, "MD5", 16, "The MD5 digest in 32 hexadecimal digits.",
                "900150983cd24fb0d6963f7d28e17f72");
DIGEST_FUNCTION(sha1, "SHA1", 20, "The SHA-1 digest in 40 hexadecimal digits.",
                "a9993e364706816aba3e25717850c26c9cd0d89d");
DIGEST_FUNCTION(sha224, "SHA224", 28, "The SHA-224 digest in 56 hexadecimal digits.",
                "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
DIGEST_FUNCTION(sha256, "SHA256", 32, "The SHA-256 digest in 64 hexadecimal digits.",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
DIGEST_FUNCTION(sha384, "SHA384", 48, "The SHA-384 digest in 96 hexadecimal digits.",
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                "8086072ba1e7cc2358baeca134c825a7");
DIGEST_FUNCTION(sha512, "SHA512", 64, "The SHA-512 digest in 128 hexadecimal digits.",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");

static lt_status sha2_row(struct fn_row *r, uint32_t i)
{
    unsigned char out[DIGEST_SIZE_MAX];
    struct lt_str message = fn_str(r, 0, i);
    switch (fn_i64(r, 1, i)) {
    case 224: digest_sha224(message, out); return put_hex(r, i, out, 28);
    case 256: digest_sha256(message, out); return put_hex(r, i, out, 32);
    case 384: digest_sha384(message, out); return put_hex(r, i, out, 48);
    case 512: digest_sha512(message, out); return put_hex(r, i, out, 64);
    default:
        return lt_fail(r->eval->err, LT_DATA, "SHA2 has 224, 256, 384 or 512 bits, not %lld",
                       (long long)fn_i64(r, 1, i));
    }
}
FN_KERNEL(sha2_kernel, sha2_row);
static lt_status bind_sha2(struct lt_bind_call *call)
{
    return fn_bind(call, lt_type_is_binary(call->args[0]) ? "bl>s" : "sl>s", &sha2_kernel);
}
FN(sha2, "SHA2", NULL, "hash", 2, 2, bind_sha2, "SHA2(x STRING | BYTES, bits INT) -> STRING",
   "The SHA-2 digest of 224, 256, 384 or 512 bits in hexadecimal digits.", "SHA2('abc', 256)",
   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

static lt_status crc32_row(struct fn_row *r, uint32_t i)
{
    return fn_set_i64(r, i, digest_crc32(fn_str(r, 0, i)));
}
FN_TOTAL_KERNEL(crc32_kernel, crc32_row);
static lt_status bind_crc32(struct lt_bind_call *call)
{
    return fn_bind(call, lt_type_is_binary(call->args[0]) ? "b>l" : "s>l", &crc32_kernel);
}
FN(crc32, "CRC32", NULL, "hash", 1, 1, bind_crc32, "CRC32(x STRING | BYTES) -> BIGINT",
   "The CRC-32 checksum.", "CRC32('123456789')", "3421780262");
