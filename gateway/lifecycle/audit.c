/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "lifecycle/audit_files.h"

static const char group[] = "audit", key[] = "head", hash_member[] = ",\"hash\":\"", line_end[] = "\"}";
enum { HASH_MEMBER = sizeof hash_member - 1, LINE_END = sizeof line_end - 1, HASH_HEX = AUDIT_HASH_MAX - 1 };
enum {
    AUDIT_OVERFULL = 4
}; /* so often its size a file gets that cannot be closed; then there is no end to it */

struct audit {
    struct spool *spool;
    char path[AUDIT_PATH_MAX];
    int fd;
    off_t size, file_max; /* of the file that is written */
    struct audit_mark head;
    struct audit_mark removed; /* while the line about that is made; line 0 = none is */
    uint64_t keep_from;
    uint64_t missed; /* lines that could not be written since the last one */
    bool between;    /* a file is full, and the next begins with the next line */
};

void audit_path(const char *spool_path, char path[AUDIT_PATH_MAX])
{
    snprintf(path, AUDIT_PATH_MAX, "%s.audit", spool_path);
}

void audit_hash(const void *text, size_t length, char hash[AUDIT_HASH_MAX])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(digest, text, length); /* always 0 */
    sodium_bin2hex(hash, AUDIT_HASH_MAX, digest, sizeof digest);
}

bool audit_mark_of_json(const void *json, size_t length, struct audit_mark *mark)
{
    json_t *object = json_loadb(json, length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *line = json_object_get(object, "n"), *hash = json_object_get(object, "hash");
    bool good = json_is_integer(line) && json_integer_value(line) > 0 && json_is_string(hash) &&
                json_string_length(hash) == HASH_HEX;
    if (good) {
        mark->line = (uint64_t)json_integer_value(line);
        memcpy(mark->hash, json_string_value(hash), AUDIT_HASH_MAX);
    }
    json_decref(object);
    return good;
}

bool audit_read_mark(const char *text, size_t length, struct audit_mark *mark, size_t *hashed)
{
    const size_t tail = HASH_MEMBER + HASH_HEX + LINE_END;
    if (length <= tail || memcmp(text + length - tail, hash_member, HASH_MEMBER) != 0 ||
        memcmp(text + length - LINE_END, line_end, LINE_END) != 0)
        return false;
    *hashed = length - tail;
    return audit_mark_of_json(text, length, mark);
}

/* The end of the file: takes an unfinished line away, and finds the last whole one. */
static bool read_end(struct audit *audit)
{
    struct stat facts;
    struct audit_mark last;
    unsigned oldest;
    if (fstat(audit->fd, &facts) != 0 ||
        audit_files_end(audit->fd, facts.st_size, &audit->size, &last) != ATALAYA_OK)
        return false;
    if (audit->size < facts.st_size) {
        log_warning(
            "audit log %s: %jd bytes of an unfinished line taken away: the power went while it was written",
            audit->path, (intmax_t)(facts.st_size - audit->size));
        if (ftruncate(audit->fd, audit->size) != 0)
            return false;
    }
    bool empty = audit->size == 0;
    if (empty && audit_files_count(audit->path, &oldest) > 0) {
        empty = false; /* the last line closed a file */
        for (unsigned place = 1; place <= AUDIT_PLACES_MAX; place++)
            if (audit_files_last(audit->path, place, &last) == ATALAYA_OK)
                break;
    }
    if (last.line > 0)
        audit->head = last;
    else if (!empty)
        log_error("audit log %s: its last line is damaged; see atalaya incident --verify", audit->path);
    else if (audit->head.line > 0)
        log_error("audit log %s: lines that were there are not; see atalaya incident --verify", audit->path);
    return true;
}

/* Opens or makes the file that is written. Until its end is known nothing is written, for what fails is cut
 * off there. */
static bool open_file(struct audit *audit)
{
    audit->fd = open(audit->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (audit->fd < 0)
        return false;
    audit->between = false;
    if (read_end(audit))
        return true;
    int why = errno;
    (void)close(audit->fd); /* nothing was written */
    audit->fd = -1;
    errno = why;
    return false;
}

static void load_head(void *context, const char *name, const void *value, size_t length)
{
    struct audit *audit = context;
    if (strcmp(name, key) == 0)
        (void)audit_mark_of_json(value, length, &audit->head); /* else there was none */
}

enum atalaya_result audit_open(struct spool *spool, const struct config_spool *config, struct audit **audit)
{
    struct audit *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->spool = spool;
    memset(made->head.hash, '0', HASH_HEX);
    made->keep_from = UINT64_MAX;
    made->file_max = (off_t)(config->audit_limit_bytes / AUDIT_FILES);
    audit_path(config->path, made->path);
    (void)spool_list(spool, group, load_head, made); /* a failing disk: the file itself tells */
    uint64_t known = made->head.line;
    if (!open_file(made)) /* the next append tries again */
        log_error("audit log %s: %s; distress is followed without it", made->path, strerror(errno));
    else if (made->head.line < known)
        log_error("audit log %s: lines that were there are not; see atalaya incident --verify", made->path);
    *audit = made;
    return ATALAYA_OK;
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text && text[0])
        json_object_set_new(object, name, json_text(text, strlen(text)));
}

void audit_keep_from(struct audit *audit, uint64_t line)
{
    audit->keep_from = line;
}

/* Without its hash; the closing brace is there. */
static json_t *make_object(const struct audit *audit, const struct audit_entry *entry)
{
    char time[CLOCK_TEXT_MAX];
    json_t *object = json_object();
    json_object_set_new(object, "n", json_integer((json_int_t)audit->head.line + 1));
    json_object_set_new(object, "prev", json_string(audit->head.hash));
    json_object_set_new(object, "time", json_string(clock_format(entry->utc_ns, time)));
    json_object_set_new(object, "time_source", json_string(time_source_text(entry->clock.source)));
    if (entry->clock.error_ns >= 0)
        json_object_set_new(object, "time_error_ms",
                            json_integer((entry->clock.error_ns + 999999) / 1000000));
    set_text(object, "distress", entry->distress);
    set_text(object, "incident", entry->incident);
    set_text(object, "unit", entry->unit);
    json_object_set_new(object, "test", json_boolean(entry->test));
    set_text(object, "event", entry->event);
    set_text(object, "by", entry->by);
    set_text(object, "through", entry->through);
    set_text(object, "detail", entry->detail);
    if (audit->removed.line > 0) {
        json_object_set_new(object, "removed_n", json_integer((json_int_t)audit->removed.line));
        json_object_set_new(object, "removed_hash", json_string(audit->removed.hash));
    }
    if (audit->missed > 0)
        json_object_set_new(object, "missed", json_integer((json_int_t)audit->missed));
    return object;
}

/* Returns the length of the line with its end, 0 when it does not fit. */
static size_t make_line(const struct audit *audit, const struct audit_entry *entry, char line[AUDIT_LINE_MAX],
                        struct audit_mark *mark)
{
    json_t *object = make_object(audit, entry);
    const size_t tail = HASH_MEMBER + HASH_HEX + LINE_END + 2;
    size_t length = object ? json_dumpb(object, line, AUDIT_LINE_MAX - tail, JSON_LINE_FLAGS) : 0;
    json_decref(object);
    if (length < 2 || length > AUDIT_LINE_MAX - tail)
        return 0;
    length--; /* the closing brace comes back with the hash */
    mark->line = audit->head.line + 1;
    audit_hash(line, length, mark->hash);
    return length + (size_t)snprintf(line + length, AUDIT_LINE_MAX - length, "%s%s%s\n", hash_member,
                                     mark->hash, line_end);
}

static bool write_line(struct audit *audit, const char *line, size_t length)
{
    if (write(audit->fd, line, length) == (ssize_t)length && fdatasync(audit->fd) == 0) {
        audit->size += (off_t)length;
        return true;
    }
    int why = errno;
    (void)!ftruncate(audit->fd,
                     audit->size); /* half a line would break the chain; else the next start takes it away */
    errno = why;
    return false;
}

static void keep_head(struct audit *audit)
{
    json_t *object = json_pack("{s:I, s:s}", "n", (json_int_t)audit->head.line, "hash", audit->head.hash);
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    /* with the next batch: a mark that is a second old still finds what was cut off before */
    if (text)
        (void)spool_put(audit->spool, SPOOL_MESSAGE, group, key, text, strlen(text));
    free(text);
    json_decref(object);
}

/* Makes a line and writes it; ATALAYA_E_FULL: it is too long. */
static enum atalaya_result write_entry(struct audit *audit, const struct audit_entry *entry)
{
    static char line[AUDIT_LINE_MAX]; /* main thread */
    struct audit_mark next;
    if (audit->fd < 0 && !open_file(audit))
        return ATALAYA_E_IO;
    size_t length = make_line(audit, entry, line, &next);
    if (length == 0 || audit->size > AUDIT_OVERFULL * audit->file_max)
        return ATALAYA_E_FULL;
    if (!write_line(audit, line, length))
        return ATALAYA_E_IO;
    audit->head = next;
    audit->missed = 0;
    return ATALAYA_OK;
}

/* The line comes first: who finds lines missing finds why. */
static bool remove_oldest(struct audit *audit, unsigned oldest, const struct audit_entry *cause)
{
    char detail[80];
    struct audit_entry entry = {
        .event = "removed", .detail = detail, .utc_ns = cause->utc_ns, .clock = cause->clock};
    if (audit->removed.line > 0)
        snprintf(detail, sizeof detail, "lines up to %" PRIu64 ": the log has reached its limit",
                 audit->removed.line);
    else
        snprintf(detail, sizeof detail, "a damaged file: the log has reached its limit");
    return write_entry(audit, &entry) == ATALAYA_OK && audit_files_remove(audit->path, oldest) == ATALAYA_OK;
}

/* Makes room for one file more. The oldest stays while lines in it are needed and a place is left. Two go at
 * most: a log that had to grow shrinks again, and nobody waits for it. */
static void shed(struct audit *audit, const struct audit_entry *cause)
{
    for (unsigned i = 0; i < 2; i++) {
        unsigned oldest, count = audit_files_count(audit->path, &oldest);
        if (count < AUDIT_FILES - 1)
            return;
        if (audit_files_last(audit->path, oldest, &audit->removed) != ATALAYA_OK)
            audit->removed.line = 0; /* nobody knows what goes: the check will say that lines are missing */
        bool needed = audit->removed.line >= audit->keep_from || audit->removed.line == 0;
        bool removed = (!needed || count == AUDIT_PLACES_MAX) && remove_oldest(audit, oldest, cause);
        audit->removed.line = 0;
        if (!removed)
            return;
    }
}

/* Where it fails, the file grows on for a while. */
static void rotate(struct audit *audit, const struct audit_entry *cause)
{
    shed(audit, cause);
    enum atalaya_result result = audit_files_shift(audit->path);
    if (result != ATALAYA_OK) {
        log_error("audit log %s: the next file cannot be begun: %s", audit->path,
                  atalaya_result_text(result));
        return;
    }
    if (audit->fd >= 0)
        (void)close(audit->fd); /* every line is on disk already */
    audit->fd = -1;
    audit->size = 0;
    audit->between = true;
}

enum atalaya_result audit_append(struct audit *audit, const struct audit_entry *entry,
                                 struct audit_mark *mark)
{
    if (audit->size > audit->file_max)
        rotate(audit, entry);
    enum atalaya_result result = write_entry(audit, entry);
    if (result == ATALAYA_OK)
        keep_head(audit);
    else if (audit->missed++ == 0)
        log_error("audit log %s: %s; what happens is not logged there until it can be", audit->path,
                  result == ATALAYA_E_IO ? strerror(errno) : "it is full: move it away");
    *mark = audit->head;
    return result;
}

const char *audit_failure(struct audit *audit)
{
    const struct audit_entry entry = {
        .event = "resumed", .utc_ns = clock_utc_ns(), .clock = clock_system_quality()};
    enum atalaya_result result = ATALAYA_OK;
    if (audit->missed > 0 && (result = write_entry(audit, &entry)) == ATALAYA_OK)
        keep_head(audit);
    else if (audit->missed == 0 && audit->fd < 0 && !audit->between && !open_file(audit))
        result = ATALAYA_E_IO;
    if (result == ATALAYA_OK)
        return NULL;
    return result == ATALAYA_E_IO ? strerror(errno) : "it is full: move it away";
}

struct audit_mark audit_last(const struct audit *audit)
{
    return audit->head;
}

void audit_close(struct audit *audit)
{
    if (!audit)
        return;
    if (audit->fd >= 0)
        (void)close(audit->fd); /* every line is on disk already */
    free(audit);
}
