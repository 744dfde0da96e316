/* SPDX-License-Identifier: Apache-2.0 */
/* What waits on disk, for a person or (--json) for a program; works beside a running gateway. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/spool.h"

struct listing {
    bool json, failed;
    int64_t now_utc_ns;
};

static int print_json(json_t *object)
{
    int status = object ? json_dumpf(object, stdout, JSON_LINE_FLAGS) : -1;
    json_decref(object);
    putchar('\n');
    return status;
}

static double age_s(const struct listing *listing, int64_t created_utc_ns)
{
    return (double)(listing->now_utc_ns - created_utc_ns) / 1e9;
}

/* "3 d 4 h", "5 min 2 s": two units are enough to act on. */
static const char *age_text(double seconds, char *text, size_t size)
{
    static const struct {
        long seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    long left = seconds > 0 ? (long)seconds : 0;
    size_t u = 0;
    while (u < 3 && left < units[u].seconds)
        u++;
    long first = left / units[u].seconds, rest = left % units[u].seconds;
    if (u == 3)
        snprintf(text, size, "%ld s", first);
    else
        snprintf(text, size, "%ld %s %ld %s", first, units[u].name, rest / units[u + 1].seconds,
                 units[u + 1].name);
    return text;
}

static json_t *item_json(const struct listing *listing, const struct spool_item *item)
{
    char time[CLOCK_TEXT_MAX];
    json_t *payload = json_loadb(item->payload, item->length, JSON_REJECT_DUPLICATES, NULL);
    if (!payload)
        payload = json_text(item->payload, item->length);
    json_t *object =
        json_pack("{s:I, s:s, s:o, s:b, s:I, s:s, s:o}", "id", (json_int_t)item->id, "class",
                  spool_class_text(item->class), "topic", json_text(item->topic, strlen(item->topic)),
                  "retain", item->retain, "boot", (json_int_t)item->boot, "created",
                  clock_format(item->created_utc_ns, time), "payload", payload);
    json_set_real(object, "age_s", age_s(listing, item->created_utc_ns), 3);
    if (object && item->expiry_s > 0)
        json_object_set_new(object, "expiry_s", json_integer(item->expiry_s));
    return object;
}

static void list_item(void *context, const struct spool_item *item)
{
    struct listing *listing = context;
    char age[40];
    if (listing->json)
        listing->failed |= print_json(item_json(listing, item)) != 0;
    else
        printf("%-10lld %-9s %14s %7zu  %s\n", (long long)item->id, spool_class_text(item->class),
               age_text(age_s(listing, item->created_utc_ns), age, sizeof age), item->length, item->topic);
}

static void print_counts(const struct listing *listing, const struct spool_counts *counts)
{
    if (!listing->json)
        printf("%-9s %9s %9s\n", "CLASS", "WAITING", "DROPPED");
    for (int class = 0; class < SPOOL_CLASS_COUNT; class ++) {
        const char *name = spool_class_text((enum spool_class) class);
        if (listing->json)
            print_json(json_pack("{s:s, s:I, s:I}", "class", name, "waiting",
                                 (json_int_t)counts->waiting[class], "dropped",
                                 (json_int_t)counts->dropped[class]));
        else
            printf("%-9s %9llu %9llu\n", name, (unsigned long long)counts->waiting[class],
                   (unsigned long long)counts->dropped[class]);
    }
    if (!listing->json)
        printf("%llu bytes wait\n", (unsigned long long)counts->bytes);
}

static void print_oldest(const struct listing *listing, const struct spool_counts *counts)
{
    char age[40], time[CLOCK_TEXT_MAX];
    if (counts->oldest_utc_ns == 0) {
        puts(listing->json ? "{}" : "nothing waits");
        return;
    }
    double seconds = age_s(listing, counts->oldest_utc_ns);
    clock_format(counts->oldest_utc_ns, time);
    if (!listing->json) {
        printf("%s (since %s)\n", age_text(seconds, age, sizeof age), time);
        return;
    }
    json_t *object = json_pack("{s:s}", "created", time);
    json_set_real(object, "age_s", seconds, 3);
    print_json(object);
}

static bool path_of_config(const char *file, char *path, size_t size)
{
    struct config *config = NULL;
    if (config_load(file, &config, config_complain_errors_to_stderr, NULL) != ATALAYA_OK)
        return false;
    snprintf(path, size, "%s", config->spool.path);
    config_free(config);
    return true;
}

static int report(const char *what, const char *path, bool json)
{
    struct listing listing = {.json = json, .now_utc_ns = clock_utc_ns()};
    struct spool_counts counts;
    bool list = strcmp(what, "list") == 0;
    if (access(path, R_OK) != 0) {
        fprintf(stderr, "atalaya spool: %s cannot be read: ", path);
        perror(NULL);
        return 1;
    }
    if (list && !json)
        printf("%-10s %-9s %14s %7s  %s\n", "ID", "CLASS", "AGE", "BYTES", "TOPIC");
    enum atalaya_result result = spool_inspect(path, list ? list_item : NULL, &listing, &counts);
    if (result != ATALAYA_OK) {
        fprintf(stderr, "atalaya spool: %s: %s\n", path,
                result == ATALAYA_E_UNSUPPORTED ? "not a spool, or made by a newer atalaya"
                : result == ATALAYA_E_FORMAT    ? "damaged; the gateway sets it aside when it starts"
                                                : "cannot be read; is its folder readable for this user?");
        return 1;
    }
    if (strcmp(what, "count") == 0)
        print_counts(&listing, &counts);
    if (strcmp(what, "oldest") == 0)
        print_oldest(&listing, &counts);
    return listing.failed || fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
}

static int run(int argc, char **argv)
{
    const char *file = NULL, *path = NULL;
    bool json = false;
    const struct option_row rows[] = {
        {"path", 'p', OPTION_TEXT, &path, "FILE", "the spool's database"},
        {"config", 'c', OPTION_TEXT, &file, "FILE", "take the path from this configuration"},
        {"json", 'j', OPTION_FLAG, &json, NULL, "one JSON object a line"},
    };
    int status = options_parse(&command_spool, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    static const char *const words[] = {"list", "count", "oldest"};
    const char *what = NULL;
    for (size_t i = 0; i < 3 && argc == 2; i++)
        if (strcmp(argv[1], words[i]) == 0)
            what = words[i];
    if (!what || !path == !file) {
        fprintf(stderr, "atalaya spool: needs list, count or oldest, and either --path or --config; see "
                        "atalaya spool --help\n");
        return EXIT_USAGE;
    }
    char from_config[CONFIG_PATH_MAX];
    if (!path && !path_of_config(file, from_config, sizeof from_config))
        return 1;
    return report(what, path ? path : from_config, json);
}

const struct command command_spool = {
    .name = "spool",
    .arguments = "list|count|oldest --path FILE|--config FILE [--json]",
    .summary = "show what waits for delivery: every item, the number per class, or the oldest age",
    .run = run,
};
