/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the audit log, from the oldest file to the one that is written, and says where it is not what was
 * written. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lifecycle/audit_files.h"

enum { FAULT_MAX = 200, MARKS_MAX = 512 };

struct checking {
    audit_sink *each;
    void *context;
    uint64_t faults, line;
    struct audit_mark last;    /* as the line before says */
    struct audit_mark missing; /* the last line that is not there any more, as the first one says */
    bool excused;              /* a line says that those were removed */
    unsigned mark_count;       /* that the spool keeps, each to be found */
    struct audit_mark mark[MARKS_MAX];
    bool found[MARKS_MAX];
};

static void complain(struct checking *checking, const char *text, size_t length, const char *fault)
{
    checking->faults++;
    checking->each(checking->context, checking->line, text, length, fault);
}

static void learn(void *context, const char *key, const void *value, size_t length)
{
    struct checking *checking = context;
    (void)key;
    if (checking->mark_count == MARKS_MAX)
        return;
    json_t *object = json_loadb(value, length, JSON_ALLOW_NUL, NULL),
           *inner = json_object_get(object, "audit");
    char *text = inner ? json_dumps(inner, JSON_COMPACT) : NULL;
    struct audit_mark *mark = &checking->mark[checking->mark_count];
    if (text ? audit_mark_of_json(text, strlen(text), mark) : audit_mark_of_json(value, length, mark))
        checking->mark_count++;
    free(text);
    json_decref(object);
}

/* NULL, or how the line does not follow from the one before. */
static const char *check_order(const struct checking *checking, const char *text, size_t length,
                               const struct audit_mark *mark, char fault[FAULT_MAX])
{
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    const char *before = json_string_value(json_object_get(object, "prev"));
    bool follows = before && strcmp(before, checking->last.hash) == 0;
    json_decref(object);
    if (mark->line > checking->last.line + 1)
        snprintf(fault, FAULT_MAX, "lines %" PRIu64 " to %" PRIu64 " are missing before it",
                 checking->last.line + 1, mark->line - 1);
    else if (mark->line <= checking->last.line)
        snprintf(fault, FAULT_MAX, "it says it is line %" PRIu64 ", and stands after line %" PRIu64,
                 mark->line, checking->last.line);
    else if (!follows)
        snprintf(fault, FAULT_MAX, "it does not follow from the line before it");
    else
        return NULL;
    return fault;
}

static void check_marks(struct checking *checking, const struct audit_mark *mark, const char *text,
                        size_t length)
{
    for (unsigned i = 0; i < checking->mark_count; i++) {
        if (checking->mark[i].line != mark->line || checking->found[i])
            continue;
        checking->found[i] = true;
        if (strcmp(checking->mark[i].hash, mark->hash) != 0)
            complain(checking, text, length,
                     "the spool knows another line of this number: the log has been written anew");
    }
}

/* The first line that is there need not be the first one. */
static void begin(struct checking *checking, const char *text, size_t length, const struct audit_mark *mark)
{
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    const char *before = json_string_value(json_object_get(object, "prev"));
    if (mark->line > 1 && before && strlen(before) == AUDIT_HASH_MAX - 1) {
        checking->missing.line = mark->line - 1;
        snprintf(checking->missing.hash, sizeof checking->missing.hash, "%s", before);
        checking->last = checking->missing;
        checking->line = mark->line;
    }
    json_decref(object);
}

/* Does this line say that the missing ones were removed? */
static void note_removal(struct checking *checking, const char *text, size_t length)
{
    if (checking->missing.line == 0 || checking->excused)
        return;
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    const char *hash = json_string_value(json_object_get(object, "removed_hash"));
    json_int_t line = json_integer_value(json_object_get(object, "removed_n"));
    checking->excused =
        hash && (uint64_t)line == checking->missing.line && strcmp(hash, checking->missing.hash) == 0;
    json_decref(object);
}

static void check_line(struct checking *checking, const char *text, size_t length)
{
    char fault[FAULT_MAX], hash[AUDIT_HASH_MAX];
    struct audit_mark mark;
    size_t hashed = 0;
    checking->line++;
    if (!audit_read_mark(text, length, &mark, &hashed)) {
        complain(checking, text, length, "it is no line of an audit log, or its hash is gone");
        return;
    }
    if (checking->line == 1)
        begin(checking, text, length, &mark);
    audit_hash(text, hashed, hash);
    const char *wrong = check_order(checking, text, length, &mark, fault);
    if (strcmp(hash, mark.hash) != 0)
        complain(checking, text, length, "it has been edited");
    else if (wrong)
        complain(checking, text, length, wrong);
    else {
        note_removal(checking, text, length);
        checking->each(checking->context, checking->line, text, length, NULL);
    }
    check_marks(checking, &mark, text, length);
    checking->last = mark;
}

static void check_end(struct checking *checking)
{
    char fault[FAULT_MAX];
    uint64_t newest = 0;
    for (unsigned i = 0; i < checking->mark_count; i++)
        if (checking->mark[i].line > newest)
            newest = checking->mark[i].line;
    checking->line = 0;
    if (checking->missing.line > 0 && !checking->excused) {
        snprintf(fault, sizeof fault,
                 "lines 1 to %" PRIu64 " are missing, and no line says that they were removed",
                 checking->missing.line);
        complain(checking, "", 0, fault);
    }
    if (newest > checking->last.line) {
        snprintf(fault, sizeof fault,
                 "the end is cut off: the spool knows line %" PRIu64 ", the last one here is %" PRIu64,
                 newest, checking->last.line);
        complain(checking, "", 0, fault);
    }
}

static void check_file(struct checking *checking, FILE *file)
{
    static char text[AUDIT_LINE_MAX];
    while (fgets(text, sizeof text, file)) {
        size_t length = strlen(text);
        bool whole = length > 0 && text[length - 1] == '\n';
        if (!whole && !feof(file)) { /* longer than any line is, or with a zero in it */
            int byte;
            do
                byte = fgetc(file);
            while (byte != EOF && byte != '\n');
        }
        if (whole)
            check_line(checking, text, length - 1);
        else { /* half a line at the end: being written now, or by a power cut; nothing was done on its word
                */
            checking->line++;
            if (!feof(file))
                complain(checking, text, length, "it is no line of an audit log");
        }
    }
}

/* All files, opened from the newest to the oldest: while they move up none is missed, and one that is met
 * twice is passed over. Removed ones are told by the newest, which is read last. */
struct opened {
    FILE *file[AUDIT_PLACES_MAX + 1];
    struct stat facts[AUDIT_PLACES_MAX + 1];
    unsigned count;
};

static bool is_known(const struct opened *opened, const struct stat *facts)
{
    for (unsigned i = 0; i < opened->count; i++)
        if (opened->facts[i].st_ino == facts->st_ino && opened->facts[i].st_dev == facts->st_dev)
            return true;
    return false;
}

/* Returns 0, or what is wrong with a file that is there. */
static int open_files(const char *path, struct opened *opened)
{
    int trouble = 0;
    opened->count = 0;
    for (unsigned place = 0; place <= AUDIT_PLACES_MAX; place++) {
        char name[AUDIT_PATH_MAX];
        struct stat facts;
        audit_files_path(path, place, name);
        FILE *file = fopen(name, "re");
        if (!file) {
            trouble = errno == ENOENT ? trouble : errno;
            continue;
        }
        if (fstat(fileno(file), &facts) != 0 || is_known(opened, &facts)) {
            (void)fclose(file); /* only read */
            continue;
        }
        opened->facts[opened->count] = facts;
        opened->file[opened->count++] = file;
    }
    return trouble;
}

static void check_files(struct checking *checking, const char *path)
{
    static struct opened opened;
    char fault[FAULT_MAX];
    int trouble = open_files(path, &opened);
    if (opened.count == 0 && trouble == 0 && checking->mark_count > 0)
        trouble = ENOENT;
    if (trouble != 0) {
        snprintf(fault, sizeof fault, "%s", strerror(trouble));
        complain(checking, "", 0, fault);
    }
    while (opened.count > 0) {
        FILE *file = opened.file[--opened.count];
        check_file(checking, file);
        if (ferror(file))
            complain(checking, "", 0, "it cannot be read to its end");
        (void)fclose(file); /* only read */
    }
}

uint64_t audit_check(const char *spool_path, audit_sink *each, void *context)
{
    static struct checking checking;
    char path[AUDIT_PATH_MAX], fault[FAULT_MAX];
    memset(&checking, 0, sizeof checking);
    checking.each = each;
    checking.context = context;
    memset(checking.last.hash, '0', AUDIT_HASH_MAX - 1);
    /* The marks first: what is written meanwhile is more than they know, never less. */
    enum atalaya_result result = spool_inspect_state(spool_path, "audit", learn, &checking);
    if (result == ATALAYA_OK)
        result = spool_inspect_state(spool_path, "distress", learn, &checking);
    if (result != ATALAYA_OK) {
        snprintf(fault, sizeof fault, "the spool beside it cannot be read (%s): a cut end would not show",
                 atalaya_result_text(result));
        complain(&checking, "", 0, fault);
    }
    audit_path(spool_path, path);
    check_files(&checking, path);
    check_end(&checking);
    return checking.faults;
}
