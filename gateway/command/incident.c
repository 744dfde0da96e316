/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to a distress, from the audit log, and whether the log is what was written. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"
#include "atalaya/gateway/distress.h"
#include "atalaya/gateway/json.h"
#include "lifecycle/audit.h"

enum { LISTED_MAX = 65536, INCIDENT_SHORT = 8 };

struct listed {
    char id[80], incident[DISTRESS_INCIDENT_MAX], unit[CONFIG_TEXT_MAX], first[32], last[32];
};

struct view {
    const char
        *id; /* of a distress, or of an incident, whole or as watch shows it; NULL = all, a line each */
    char found[80]; /* the distress that it is here */
    bool json, verify;
    uint64_t lines, shown;
    size_t listed_count;
    struct listed *listed;
};

/* Texts from the air and from centres: no control character reaches a terminal. */
static void print_text(const char *before, const char *text, const char *after)
{
    if (!text[0])
        return;
    fputs(before, stdout);
    for (const char *byte = text; *byte; byte++)
        putchar((unsigned char)*byte < 0x20 || *byte == 0x7f ? '?' : *byte);
    fputs(after, stdout);
}

static void print_line(const json_t *object)
{
    printf("%-24s %-4s  %-12s", json_get_text(object, "time"), json_get_text(object, "time_source"),
           json_get_text(object, "event"));
    if (json_is_true(json_object_get(object, "test")))
        fputs("  TEST", stdout);
    print_text("  by ", json_get_text(object, "by"), "");
    print_text("  through ", json_get_text(object, "through"), "");
    print_text("  (", json_get_text(object, "detail"), ")");
    json_int_t missed = json_integer_value(json_object_get(object, "missed"));
    if (missed > 0)
        printf("  [%" JSON_INTEGER_FORMAT " lines before this one could not be written]", missed);
    putchar('\n');
}

static bool is_asked(const struct view *view, const json_t *object)
{
    const char *incident = json_get_text(object, "incident"), *distress = json_get_text(object, "distress");
    bool is_short = strlen(view->id) == INCIDENT_SHORT;
    return distress[0] && (strcmp(distress, view->id) == 0 || strcmp(distress, view->found) == 0 ||
                           strcmp(incident, view->id) == 0 ||
                           (is_short && strncmp(incident, view->id, INCIDENT_SHORT) == 0));
}

/* One line is enough to know it by: the incident's name may have come from another site, later. */
static void find(void *context, uint64_t line, const char *text, size_t length, const char *fault)
{
    struct view *view = context;
    (void)line, (void)fault;
    json_t *object = json_loadb(text, length, 0, NULL);
    if (is_asked(view, object))
        snprintf(view->found, sizeof view->found, "%s", json_get_text(object, "distress"));
    json_decref(object);
}

static void add_listed(struct view *view, const json_t *object)
{
    size_t i = view->listed_count;
    while (i > 0 && strcmp(view->listed[i - 1].id, json_get_text(object, "distress")) != 0)
        i--;
    if (i == 0) {
        if (view->listed_count == LISTED_MAX)
            return;
        i = ++view->listed_count;
        struct listed *fresh = &view->listed[i - 1];
        snprintf(fresh->id, sizeof fresh->id, "%s", json_get_text(object, "distress"));
        snprintf(fresh->incident, sizeof fresh->incident, "%s", json_get_text(object, "incident"));
        snprintf(fresh->unit, sizeof fresh->unit, "%s", json_get_text(object, "unit"));
        snprintf(fresh->first, sizeof fresh->first, "%s", json_get_text(object, "time"));
    }
    snprintf(view->listed[i - 1].last, sizeof view->listed[0].last, "%s", json_get_text(object, "event"));
}

static void show(void *context, uint64_t line, const char *text, size_t length, const char *fault)
{
    struct view *view = context;
    if (fault && line > 0)
        fprintf(stderr, "FAULT in line %" PRIu64 " of the audit log: %s\n", line, fault);
    else if (fault)
        fprintf(stderr, "FAULT in the audit log: %s\n", fault);
    view->lines += line > 0;
    if (view->verify)
        return;
    json_t *object = json_loadb(text, length, 0, NULL);
    if (!view->id && json_get_text(object, "distress")[0])
        add_listed(view, object);
    else if (view->id && is_asked(view, object)) {
        view->shown++;
        if (view->json)
            printf("%.*s\n", (int)length, text);
        else
            print_line(object);
    }
    json_decref(object);
}

static int report(const char *spool_path, struct view *view)
{
    view->listed = calloc(LISTED_MAX, sizeof *view->listed);
    if (!view->listed)
        return 1;
    if (view->id)
        (void)audit_check(spool_path, find, view);
    uint64_t faults = audit_check(spool_path, show, view);
    for (size_t i = 0; i < view->listed_count; i++) {
        printf("%-24s %-12s", view->listed[i].first, view->listed[i].last);
        print_text("  ", view->listed[i].id, "");
        print_text("  incident ", view->listed[i].incident, "");
        print_text("  ", view->listed[i].unit, "\n");
    }
    free(view->listed);
    if (view->verify)
        printf("%s: %" PRIu64 " lines, %" PRIu64 " faults\n", faults ? "NOT WHOLE" : "whole", view->lines,
               faults);
    if (view->id && !view->verify && view->shown == 0)
        fprintf(stderr, "atalaya incident: nothing is known here of '%s'\n", view->id);
    bool empty = view->id && !view->verify && view->shown == 0;
    return faults || empty || fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
}

static int run(int argc, char **argv)
{
    const char *file = "/etc/atalaya/atalaya.conf", *path = NULL;
    struct view view = {0};
    const struct option_row rows[] = {
        {"config", 'c', OPTION_TEXT, &file, "FILE", "the configuration (/etc/atalaya/atalaya.conf)"},
        {"path", 'p', OPTION_TEXT, &path, "FILE",
         "the spool's database, instead of what the configuration says"},
        {"verify", 0, OPTION_FLAG, &view.verify, NULL, "say whether every line is what was written"},
        {"json", 'j', OPTION_FLAG, &view.json, NULL, "the lines as they are in the log"},
    };
    int status = options_parse(&command_incident, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 2) {
        fprintf(stderr, "atalaya incident: one incident at a time; see atalaya incident --help\n");
        return EXIT_USAGE;
    }
    view.id = argc == 2 ? argv[1] : NULL;
    char from_config[CONFIG_PATH_MAX];
    if (!path) {
        struct config *config = NULL;
        if (config_load(file, &config, config_complain_errors_to_stderr, NULL) != ATALAYA_OK)
            return 1;
        snprintf(from_config, sizeof from_config, "%s", config->spool.path);
        config_free(config);
        path = from_config;
    }
    char log[AUDIT_PATH_MAX];
    audit_path(path, log);
    bool closed = access(log, R_OK) != 0 && errno == EACCES;
    if (closed || (access(path, F_OK) != 0 && access(log, F_OK) != 0)) {
        fprintf(stderr, "atalaya incident: %s: %s\n", log,
                closed ? "Permission denied; ask as the gateway's user, or as root" : strerror(errno));
        return 1;
    }
    return report(path, &view);
}

const struct command command_incident = {
    .name = "incident",
    .arguments = "[DISTRESS | INCIDENT] [--verify] [--config FILE | --path FILE]",
    .summary = "tell what happened to a distress, list them all, or prove that the log is whole",
    .run = run,
};
