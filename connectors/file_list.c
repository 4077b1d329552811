/* file_list.c -- which files a path means, and what their directories say.
 *
 * A directory is searched deeply. Names that begin with '.' or '_' are never
 * data: they are what writers have not finished (.part-...) and markers
 * (_SUCCESS), so a reader beside a writer sees whole files only. */
#include "connectors/file.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "connectors/option.h"

enum { FILE_DEPTH_MAX = 64 };

lt_status lt_file_path(const struct lt_connector_table *table, struct lt_str *out,
                       struct lt_error *err)
{
    const struct lt_option *option = lt_option_find(table, "path");
    if (!option || option->value.len == 0)
        return lt_fail(err, LT_INVALID, "table '%.*s' needs the option 'path'",
                       LT_STR_ARG(table->name));
    struct lt_str path = option->value;
    const char *colon = memchr(path.data, ':', path.len);
    if (memchr(path.data, 0, path.len))
        return lt_fail_at(err, LT_INVALID, option->pos, "option 'path' holds a NUL byte");
    if (path.len >= 5 && memcmp(path.data, "file:", 5) == 0) {
        path = (struct lt_str){path.data + 5, path.len - 5};
        if (path.len >= 2 && memcmp(path.data, "//", 2) == 0)
            path = (struct lt_str){path.data + 2, path.len - 2};
        if (path.len >= 10 && memcmp(path.data, "localhost/", 10) == 0)
            path = (struct lt_str){path.data + 9, path.len - 9};
        if (path.len == 0 || path.data[0] != '/')
            return lt_fail_at(err, LT_INVALID, option->pos,
                              "option 'path' is '%.*s'; a file URL has three slashes: "
                              "file:///dir/name",
                              LT_STR_ARG(option->value));
    } else if (colon && path.len - (size_t)(colon - path.data) > 3 &&
               memcmp(colon, "://", 3) == 0) {
        return lt_fail_at(err, LT_UNSUPPORTED, option->pos,
                          "option 'path' is '%.*s'; only local files can be read and written",
                          LT_STR_ARG(option->value));
    }
    *out = path;
    return LT_OK;
}

/* ---- listing ------------------------------------------------------------ */

struct file_walk {
    struct lt_split_list *splits;
    struct lt_alloc *alloc;
    struct lt_error *err;
};

static lt_status file_walk_dir(struct file_walk *walk, const char *path, unsigned depth);

static lt_status file_walk_path(struct file_walk *walk, const char *path, unsigned depth)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno == ENOENT && depth > 0)
            return LT_OK; /* removed while the directory was read */
        return lt_fail(walk->err, LT_IO, "cannot read '%s': %s%s", path, strerror(errno),
                       errno == ENOENT ? "; check the option 'path'" : "");
    }
    if (S_ISDIR(st.st_mode))
        return file_walk_dir(walk, path, depth);
    if (!S_ISREG(st.st_mode)) {
        if (depth > 0)
            return LT_OK;
        return lt_fail(walk->err, LT_IO,
                       "'%s' is neither a file nor a directory; connector 'stdin' reads pipes",
                       path);
    }
    return lt_split_add(walk->splits, lt_str_of(path));
}

static lt_status file_walk_entries(struct file_walk *walk, DIR *dir, const char *path,
                                   unsigned depth)
{
    struct lt_buf name;
    lt_buf_init(&name, walk->alloc);
    lt_status status = LT_OK;
    struct dirent *entry;
    errno = 0;
    while (status == LT_OK && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.' || entry->d_name[0] == '_')
            continue;
        size_t len = strlen(path);
        lt_buf_clear(&name);
        lt_buf_add(&name, path, len);
        if (len == 0 || path[len - 1] != '/')
            lt_buf_addc(&name, '/');
        lt_buf_adds(&name, entry->d_name);
        status = name.status == LT_OK ? file_walk_path(walk, name.data, depth + 1) : name.status;
        errno = 0;
    }
    if (status == LT_OK && errno != 0)
        status = lt_fail(walk->err, LT_IO, "cannot list '%s': %s", path, strerror(errno));
    lt_buf_close(&name);
    return status;
}

static lt_status file_walk_dir(struct file_walk *walk, const char *path, unsigned depth)
{
    if (depth == FILE_DEPTH_MAX)
        return lt_fail(walk->err, LT_LIMIT,
                       "directories below '%s' are nested more than %d deep; do links form a "
                       "circle?",
                       path, FILE_DEPTH_MAX);
    DIR *dir = opendir(path);
    if (!dir)
        return lt_fail(walk->err, LT_IO, "cannot list '%s': %s", path, strerror(errno));
    lt_status status = file_walk_entries(walk, dir, path, depth);
    closedir(dir);
    return status;
}

static lt_status file_walk_glob(struct file_walk *walk, const char *pattern)
{
    glob_t found = {0};
    int rc = glob(pattern, GLOB_BRACE | GLOB_NOSORT, NULL, &found);
    lt_status status = LT_OK;
    if (rc == GLOB_NOSPACE)
        status = LT_NOMEM;
    else if (rc != 0)
        status =
            lt_fail(walk->err, LT_IO, "no file matches '%s'; check the option 'path'", pattern);
    for (size_t i = 0; i < found.gl_pathc && status == LT_OK; i++) {
        const char *slash = strrchr(found.gl_pathv[i], '/');
        const char *name = slash ? slash + 1 : found.gl_pathv[i];
        if (name[0] != '_' && name[0] != '.')
            status = file_walk_path(walk, found.gl_pathv[i], 0);
    }
    globfree(&found);
    return status;
}

static int name_compare(const void *a, const void *b)
{
    return lt_str_compare(*(const struct lt_str *)a, *(const struct lt_str *)b);
}

lt_status lt_file_list(struct lt_alloc *alloc, struct lt_str path, struct lt_split_list *splits,
                       struct lt_error *err)
{
    struct file_walk walk = {splits, alloc, err};
    struct lt_buf name;
    lt_buf_init(&name, alloc);
    lt_buf_add(&name, path.data, path.len);
    lt_status status = name.status;
    struct stat st;
    if (status == LT_OK && strpbrk(name.data, "*?[{") && lstat(name.data, &st) != 0)
        status = file_walk_glob(&walk, name.data);
    else if (status == LT_OK)
        status = file_walk_path(&walk, name.data, 0);
    lt_buf_close(&name);
    if (status == LT_OK && splits->len)
        qsort(splits->names, splits->len, sizeof(*splits->names), name_compare);
    return status;
}

/* ---- partitions --------------------------------------------------------- */

static bool partition_special(unsigned char c)
{
    return c < 0x20 || c == 0x7F || (c < 0x80 && strchr("\"#%'*/:=?\\{[]^", c) != NULL);
}

void lt_partition_escape(struct lt_buf *out, struct lt_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        /* A name of dots alone would mean another directory. */
        bool dots = c == '.' && i == 0 && value.len <= 2;
        if (partition_special(c) || dots)
            lt_buf_addf(out, "%%%02X", c);
        else
            lt_buf_addc(out, (char)c);
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void partition_unescape(struct lt_buf *out, struct lt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        int high = i + 2 < text.len && text.data[i] == '%' ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        if (low >= 0) {
            lt_buf_addc(out, (char)(high * 16 + low));
            i += 2;
        } else {
            lt_buf_addc(out, text.data[i]);
        }
    }
}

bool lt_partition_value(struct lt_str path, struct lt_str key, struct lt_buf *out)
{
    size_t end = path.len;
    while (end > 0) { /* the innermost directory first; the file itself is none */
        while (end > 0 && path.data[end - 1] != '/')
            end--;
        if (end == 0)
            return false;
        size_t from = --end;
        while (from > 0 && path.data[from - 1] != '/')
            from--;
        struct lt_str name = {path.data + from, end - from};
        if (name.len > key.len && name.data[key.len] == '=' &&
            memcmp(name.data, key.data, key.len) == 0) {
            partition_unescape(out,
                               (struct lt_str){name.data + key.len + 1, name.len - key.len - 1});
            return true;
        }
    }
    return false;
}

lt_status lt_file_layout_make(struct lt_arena *arena, const struct lt_connector_table *table,
                              struct lt_file_layout *out)
{
    const struct lt_schema *physical = table->physical;
    const struct lt_str *name = lt_option_get(table, "partition.default-name");
    out->partition_default = name ? *name : LT_STR("__DEFAULT_PARTITION__");
    out->table = *table;
    out->schema.len = 0;
    out->schema.fields = LT_ARENA_ARRAY(arena, struct lt_field, physical->len + 1);
    out->column_of = LT_ARENA_ARRAY(arena, int32_t, physical->len + 1);
    if (!out->schema.fields || !out->column_of)
        return LT_NOMEM;
    for (uint32_t i = 0; i < physical->len; i++) {
        bool partition = false;
        for (uint32_t j = 0; j < table->n_partition_keys; j++)
            partition |= table->partition_keys[j] == i;
        out->column_of[i] = partition ? -1 : (int32_t)out->schema.len;
        if (!partition)
            out->schema.fields[out->schema.len++] = physical->fields[i];
    }
    out->table.physical = &out->schema;
    out->table.n_partition_keys = 0;
    return LT_OK;
}
