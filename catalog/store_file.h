/* store_file.h -- judging a file before SQLite may touch it. */
#ifndef LT_CATALOG_STORE_FILE_H
#define LT_CATALOG_STORE_FILE_H

#include "base/status.h"

/* Reads the first bytes only. LT_OK when there is no such file, it is empty, or
 * it is a SQLite database with that application id and a version up to
 * version_max; else an error that says what it is. */
lt_status lt_store_file_check(const char *path, uint32_t application_id, uint32_t version_max,
                              struct lt_error *err) LT_MUST_CHECK;

#endif
