/* file_part.c -- one file that a sink writes: hidden while it grows, whole when it shows. */
#include "connectors/file_part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static lt_status part_fail(struct lt_error *err, const char *what, const char *path)
{
    int code = errno;
    const char *advice = code == ENOSPC || code == EDQUOT
                             ? "; free some space and run again, nothing of this run is visible"
                         : code == EACCES || code == EROFS ? "; check the directory's permissions"
                                                           : "";
    return lt_fail(err, LT_IO, "cannot %s '%s': %s%s", what, path, strerror(code), advice);
}

lt_status lt_file_make_dirs(struct lt_alloc *alloc, struct lt_str dir, struct lt_error *err)
{
    struct lt_buf path;
    struct stat st;
    lt_buf_init(&path, alloc);
    lt_status status = LT_OK;
    for (size_t i = 1; i <= dir.len && status == LT_OK; i++) {
        if (i < dir.len && dir.data[i] != '/')
            continue;
        lt_buf_clear(&path);
        lt_buf_add(&path, dir.data, i);
        if (path.status != LT_OK)
            status = path.status;
        else if (mkdir(path.data, 0777) != 0 && errno != EEXIST)
            status = part_fail(err, "make the directory", path.data);
    }
    if (status == LT_OK && path.data && stat(path.data, &st) == 0 && !S_ISDIR(st.st_mode))
        status = lt_fail(err, LT_IO,
                         "'%s' is a file; a table that is written needs a directory as its 'path'",
                         path.data);
    lt_buf_close(&path);
    return status;
}

/* ---- leftovers ---------------------------------------------------------- */

static bool name_is_hidden_part(const char *name)
{
    size_t len = strlen(name);
    static const char start[] = ".part-", end[] = ".inprogress";
    return len > sizeof(start) + sizeof(end) && memcmp(name, start, sizeof(start) - 1) == 0 &&
           memcmp(name + len - (sizeof(end) - 1), end, sizeof(end) - 1) == 0;
}

static void sweep_part(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(dir_fd, name, 0);
    close(fd);
}

static void sweep_dir(int dir_fd, unsigned depth)
{
    DIR *dir = fdopendir(dir_fd);
    if (!dir) {
        close(dir_fd);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (name_is_hidden_part(entry->d_name)) {
            sweep_part(dir_fd, entry->d_name);
            continue;
        }
        if (depth == 0 || entry->d_name[0] == '.' || !strchr(entry->d_name, '='))
            continue;
        int child = openat(dir_fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (child >= 0)
            sweep_dir(child, depth - 1);
    }
    closedir(dir);
}

void lt_file_sweep(struct lt_alloc *alloc, struct lt_str dir, unsigned depth)
{
    struct lt_buf path;
    lt_buf_init(&path, alloc);
    lt_buf_add(&path, dir.data, dir.len);
    int fd = path.status == LT_OK ? open(path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0)
        sweep_dir(fd, depth);
    lt_buf_close(&path);
}

/* ---- one part ----------------------------------------------------------- */

/* Creates the hidden file and locks it; tries again if a sweep was faster. */
static int part_create(const char *path)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0)
            return -1;
        struct stat st;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0)
            return fd;
        close(fd);
    }
    errno = EBUSY;
    return -1;
}

lt_status lt_file_part_open(struct lt_alloc *alloc, struct lt_str dir, uint32_t writer,
                            uint64_t number, int64_t now_us, struct lt_file_part **out,
                            struct lt_error *err)
{
    struct lt_file_part *part = lt_alloc_zero(alloc, sizeof(*part));
    if (!part)
        return LT_NOMEM;
    part->alloc = alloc;
    part->fd = -1;
    part->writer = writer;
    part->number = number;
    part->opened_us = now_us;
    lt_buf_init(&part->text, alloc);
    lt_buf_init(&part->hidden, alloc);
    lt_buf_add(&part->hidden, dir.data, dir.len);
    if (dir.len && dir.data[dir.len - 1] != '/')
        lt_buf_addc(&part->hidden, '/');
    part->dir_len = part->hidden.len;
    /* The process and the number keep writers of other runs apart. */
    lt_buf_addf(&part->hidden, ".part-%u-%llu-%ld.inprogress", writer, (unsigned long long)number,
                (long)getpid());
    lt_status status = part->hidden.status;
    for (unsigned extra = 1; status == LT_OK && part->fd < 0; extra++) {
        part->fd = part_create(part->hidden.data);
        if (part->fd >= 0)
            break;
        if (errno != EEXIST || extra == 1000) {
            status = part_fail(err, "create", part->hidden.data);
            break;
        }
        part->hidden.len = part->dir_len;
        lt_buf_addf(&part->hidden, ".part-%u-%llu-%ld-%u.inprogress", writer,
                    (unsigned long long)number, (long)getpid(), extra);
        status = part->hidden.status;
    }
    if (status != LT_OK) {
        lt_file_part_free(part);
        return status;
    }
    *out = part;
    return LT_OK;
}

lt_status lt_file_part_flush(struct lt_file_part *part, struct lt_error *err)
{
    LT_TRY(part->text.status);
    size_t gone = 0;
    while (gone < part->text.len) {
        ssize_t n = write(part->fd, part->text.data + gone, part->text.len - gone);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return part_fail(err, "write", part->hidden.data);
        gone += (size_t)n;
        part->size += n;
    }
    lt_buf_clear(&part->text);
    return LT_OK;
}

lt_status lt_file_part_close(struct lt_file_part *part, struct lt_error *err)
{
    if (part->closed)
        return LT_OK;
    LT_TRY(lt_file_part_flush(part, err));
    if (fsync(part->fd) != 0)
        return part_fail(err, "sync", part->hidden.data);
    lt_buf_close(&part->text);
    lt_buf_init(&part->text, part->alloc);
    part->closed = true;
    return LT_OK;
}

static lt_status sync_dir(struct lt_alloc *alloc, struct lt_str dir, struct lt_error *err)
{
    struct lt_buf path;
    lt_buf_init(&path, alloc);
    lt_buf_add(&path, dir.data, dir.len);
    lt_status status = path.status;
    int fd = status == LT_OK ? open(path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (status == LT_OK && (fd < 0 || (fsync(fd) != 0 && errno != EINVAL)))
        status = part_fail(err, "sync", path.data);
    if (fd >= 0)
        close(fd);
    lt_buf_close(&path);
    return status;
}

/* rename that never replaces; on a file system that cannot, a link does the same. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(from, to) != 0)
        return -1;
    return unlink(from);
}

lt_status lt_file_part_publish(struct lt_file_part *part, const char *extension,
                               struct lt_error *err)
{
    struct lt_buf name;
    lt_buf_init(&name, part->alloc);
    lt_status status = LT_OK;
    for (uint64_t number = part->number;; number++) {
        lt_buf_clear(&name);
        lt_buf_add(&name, part->hidden.data, part->dir_len);
        lt_buf_addf(&name, "part-%u-%llu-%llu%s", part->writer, (unsigned long long)part->epoch,
                    (unsigned long long)number, extension);
        status = name.status;
        if (status != LT_OK || rename_new(part->hidden.data, name.data) == 0)
            break;
        if (errno != EEXIST) {
            status = part_fail(err, "rename", part->hidden.data);
            break;
        }
    }
    if (status == LT_OK) {
        close(part->fd);
        part->fd = -1;
        status = sync_dir(part->alloc, (struct lt_str){name.data, part->dir_len}, err);
    }
    lt_buf_close(&name);
    return status;
}

void lt_file_part_free(struct lt_file_part *part)
{
    if (!part)
        return;
    if (part->fd >= 0) {
        unlink(part->hidden.data);
        close(part->fd);
    }
    lt_buf_close(&part->hidden);
    lt_buf_close(&part->text);
    lt_alloc_put(part->alloc, part, sizeof(*part));
}

lt_status lt_file_touch(struct lt_alloc *alloc, struct lt_str dir, struct lt_str name,
                        struct lt_error *err)
{
    struct lt_buf path;
    lt_buf_init(&path, alloc);
    lt_buf_add(&path, dir.data, dir.len);
    lt_buf_addc(&path, '/');
    lt_buf_add(&path, name.data, name.len);
    lt_status status = path.status;
    if (status == LT_OK) {
        int fd = open(path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0 || fsync(fd) != 0)
            status = part_fail(err, "write", path.data);
        if (fd >= 0)
            close(fd);
    }
    lt_buf_close(&path);
    return status == LT_OK ? sync_dir(alloc, dir, err) : status;
}
