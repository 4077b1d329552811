/* store_file.c -- judging a file before SQLite may touch it.
 *
 * Opening a foreign database with SQLite can already change it (a journal is
 * rolled back, a write-ahead log is folded in), so the header is read first, by
 * hand: SQLite's file format keeps user_version at byte 60 and application_id at
 * byte 68, both big-endian. */
#include "catalog/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_SIZE = 100, VERSION_AT = 60, APPLICATION_AT = 68 };

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static lt_status header_check(const char *path, const unsigned char *header, size_t size,
                              uint32_t application_id, uint32_t version_max, struct lt_error *err)
{
    if (size < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0)
        return lt_fail(err, LT_INVALID, "'%s' is not a Leat database; name another file", path);
    if (big_endian(header + APPLICATION_AT) != application_id)
        return lt_fail(err, LT_INVALID,
                       "'%s' is a SQLite database of another program; name another file", path);
    uint32_t version = big_endian(header + VERSION_AT);
    if (version > version_max)
        return lt_fail(err, LT_INVALID,
                       "'%s' was written by a newer Leat (format %u, this one knows %u); "
                       "use that version",
                       path, version, version_max);
    return LT_OK;
}

lt_status lt_store_file_check(const char *path, uint32_t application_id, uint32_t version_max,
                              struct lt_error *err)
{
    unsigned char header[HEADER_SIZE];
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? LT_OK
                               : lt_fail(err, LT_IO, "cannot open '%s': %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return lt_fail(err, LT_INVALID, "'%s' is not a file", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lt_fail(err, LT_IO, "cannot open '%s': %s", path, strerror(errno));
    ssize_t size = read(fd, header, sizeof(header));
    int error = errno;
    close(fd);
    if (size < 0)
        return lt_fail(err, LT_IO, "cannot read '%s': %s", path, strerror(error));
    if (size == 0)
        return LT_OK;
    return header_check(path, header, (size_t)size, application_id, version_max, err);
}
