/* SPDX-License-Identifier: Apache-2.0 */
#include "link_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "atalaya/gateway/clock.h"

struct rig {
    struct config *config;
    struct spool *spool;
    struct link *link;
    char gate[128];
    unsigned appended[SPOOL_CLASS_COUNT];
    size_t acknowledged_total;
    pthread_mutex_t lock;
    size_t acknowledged_count;
    int64_t acknowledged[RIG_PREFIX_ITEMS_MAX];
    size_t commands;
    bool command_retained;
    char command_topic[256];
};

static void on_acknowledged(void *context, unsigned broker, const int64_t *ids, size_t count)
{
    struct rig *rig = context;
    (void)broker;
    pthread_mutex_lock(&rig->lock);
    for (size_t i = 0; i < count && rig->acknowledged_count < RIG_PREFIX_ITEMS_MAX; i++)
        rig->acknowledged[rig->acknowledged_count++] = ids[i];
    pthread_mutex_unlock(&rig->lock);
}

static void on_command(void *context, unsigned broker, const char *topic, const void *payload, size_t length,
                       bool retained)
{
    struct rig *rig = context;
    (void)broker, (void)payload, (void)length;
    pthread_mutex_lock(&rig->lock);
    rig->commands++;
    rig->command_retained = retained;
    snprintf(rig->command_topic, sizeof rig->command_topic, "%s", topic);
    pthread_mutex_unlock(&rig->lock);
}

struct rig *rig_create(const struct broker *broker)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->config = calloc(1, sizeof *rig->config);
    assert_non_null(rig->config);
    assert_int_equal(pthread_mutex_init(&rig->lock, NULL), 0);
    snprintf(rig->gate, sizeof rig->gate, "%s/password", broker->folder);
    struct config *config = rig->config;
    snprintf(config->site.id, sizeof config->site.id, "tinajas");
    snprintf(config->spool.path, sizeof config->spool.path, "%s/spool.db", broker->folder);
    config->spool.limit_bytes = 64 << 20;
    config->spool.reserve_bytes = 8 << 20;
    config->spool.batch_s = 0.1;
    config->report.health_s = 30.0;
    config->broker_count = 1;
    struct config_broker *own = &config->broker[0];
    snprintf(own->name, sizeof own->name, "centre");
    snprintf(own->host, sizeof own->host, "127.0.0.1");
    snprintf(own->prefix, sizeof own->prefix, "atalaya/v1");
    snprintf(own->user, sizeof own->user, "tinajas");
    memcpy(own->password_file, rig->gate, sizeof rig->gate);
    own->port = broker->port;
    own->keepalive_s = 60;
    own->in_flight = 20;
    own->retry_min_s = 0.1;
    own->retry_max_s = 0.5;
    own->retain = true;
    rig_set_gate(rig, true, "first guess");
    return rig;
}

struct rig *rig_create_with_broker(struct broker *broker, const char *fake)
{
    broker_prepare(broker);
    if (fake)
        broker_start_fake(broker, fake);
    else
        broker_start(broker, &(struct broker_options){0});
    return rig_create(broker);
}

struct config *rig_config(struct rig *rig)
{
    return rig->config;
}

void rig_start(struct rig *rig)
{
    struct link_hooks hooks = {.acknowledged = on_acknowledged, .command = on_command, .context = rig};
    assert_int_equal(spool_open(rig->config, &rig->spool), ATALAYA_OK);
    assert_int_equal(link_create(rig->config, 0, &hooks, "{\"state\":\"lost\"}", &rig->link), ATALAYA_OK);
    assert_int_equal(link_document(rig->link, LINK_STATUS, "{\"state\":\"online\"}"), ATALAYA_OK);
    assert_int_equal(link_document(rig->link, LINK_INFO, "{\"software\":\"test\"}"), ATALAYA_OK);
    assert_int_equal(link_document(rig->link, LINK_HEALTH, "{\"gpsd\":\"off\"}"), ATALAYA_OK);
    assert_int_equal(link_start(rig->link), ATALAYA_OK);
}

struct link *rig_link(struct rig *rig)
{
    return rig->link;
}

struct spool *rig_spool(struct rig *rig)
{
    return rig->spool;
}

void rig_append(struct rig *rig, enum spool_class class, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char payload[128];
        int length = snprintf(payload, sizeof payload, "{\"v\":1,\"id\":\"%d-%u\",\"delayed\":false}",
                              (int)class, rig->appended[class]++);
        struct spool_item item = {.class = class,
                                  .topic = "site/tinajas/message/ocotillo-2",
                                  .payload = payload,
                                  .length = (size_t)length,
                                  .expiry_s = 3600};
        assert_int_equal(spool_append(rig->spool, &item), ATALAYA_OK);
    }
    assert_int_equal(spool_commit(rig->spool), ATALAYA_OK);
    link_wake(rig->link);
}

static void turn(struct rig *rig)
{
    static int64_t ids[RIG_PREFIX_ITEMS_MAX];
    pthread_mutex_lock(&rig->lock);
    size_t count = rig->acknowledged_count;
    memcpy(ids, rig->acknowledged, count * sizeof *ids);
    rig->acknowledged_count = 0;
    pthread_mutex_unlock(&rig->lock);
    if (count > 0)
        assert_int_equal(spool_delivered(rig->spool, 0, ids, count), ATALAYA_OK);
    rig->acknowledged_total += count;
    int64_t due_ns;
    if (spool_commit_due(rig->spool, clock_mono_ns(), &due_ns))
        assert_int_equal(spool_commit(rig->spool), ATALAYA_OK);
    test_sleep_ms(5);
}

void rig_work(struct rig *rig, double seconds)
{
    double until_s = test_now_s() + seconds;
    while (test_now_s() < until_s)
        turn(rig);
}

bool rig_work_until_state(struct rig *rig, enum link_state state, double seconds)
{
    double until_s = test_now_s() + seconds;
    struct link_figures figures = {0};
    do {
        turn(rig);
        link_figures(rig->link, &figures);
    } while (figures.state != state && test_now_s() < until_s);
    return figures.state == state;
}

bool rig_work_until_error(struct rig *rig, const char *words, double seconds)
{
    double until_s = test_now_s() + seconds;
    struct link_figures figures = {0};
    do {
        turn(rig);
        link_figures(rig->link, &figures);
    } while (!strstr(figures.error, words) && test_now_s() < until_s);
    if (!strstr(figures.error, words))
        print_error("error is '%s', not '%s'\n", figures.error, words);
    return strstr(figures.error, words) != NULL;
}

static size_t appended_total(const struct rig *rig)
{
    size_t total = 0;
    for (size_t i = 0; i < SPOOL_CLASS_COUNT; i++)
        total += rig->appended[i];
    return total;
}

bool rig_work_until_delivered(struct rig *rig, double seconds)
{
    double until_s = test_now_s() + seconds;
    while (rig->acknowledged_total < appended_total(rig) && test_now_s() < until_s)
        turn(rig);
    return rig->acknowledged_total >= appended_total(rig);
}

size_t rig_commands(struct rig *rig, char *last_topic, size_t size, bool *retained)
{
    pthread_mutex_lock(&rig->lock);
    size_t count = rig->commands;
    snprintf(last_topic, size, "%s", rig->command_topic);
    *retained = rig->command_retained;
    pthread_mutex_unlock(&rig->lock);
    return count;
}

void rig_set_gate(struct rig *rig, bool open, const char *password)
{
    if (!open) {
        (void)unlink(rig->gate);
        return;
    }
    char fresh[140];
    snprintf(fresh, sizeof fresh, "%s.new", rig->gate);
    FILE *file = fopen(fresh, "w");
    assert_non_null(file);
    assert_int_equal(fchmod(fileno(file), 0600), 0); /* what everybody may read is not used */
    assert_true(fprintf(file, "%s\n", password) > 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, rig->gate), 0);
}

void rig_stop(struct rig *rig, const char *status)
{
    link_stop(rig->link, status);
    turn(rig);
    link_destroy(rig->link);
    spool_close(rig->spool);
    pthread_mutex_destroy(&rig->lock);
    free(rig->config);
    free(rig);
}

void rig_end(struct rig *rig, struct collector *collector, struct broker *broker)
{
    rig_stop(rig, NULL);
    if (collector)
        collector_close(collector);
    broker_remove(broker);
}

/* Every item in its place: the first hearing of each must follow the first hearing of the one before. Returns
 * the duplicates; next becomes how many of each class were heard. */
static size_t count_hearings(struct collector *collector, unsigned next[SPOOL_CLASS_COUNT])
{
    size_t duplicates = 0, count = collector_count(collector);
    memset(next, 0, SPOOL_CLASS_COUNT * sizeof *next);
    for (size_t i = 0; i < count; i++) {
        struct heard heard = collector_get(collector, i);
        int class;
        unsigned n;
        const char *id = strstr(heard.payload, "\"id\":\"");
        if (!id || sscanf(id, "\"id\":\"%d-%u\"", &class, &n) != 2)
            continue;
        assert_in_range(class, 0, SPOOL_CLASS_COUNT - 1);
        if (n < next[class]) {
            duplicates++;
            continue;
        }
        assert_int_equal(n, next[class]);
        next[class]++;
    }
    return duplicates;
}

size_t rig_assert_all_heard(struct rig *rig, struct collector *collector)
{
    unsigned next[SPOOL_CLASS_COUNT];
    size_t duplicates = count_hearings(collector, next);
    /* What the broker has acknowledged to us can still be in the collector's socket. */
    for (int i = 0; i < 500 && memcmp(next, rig->appended, sizeof next) != 0; i++) {
        test_sleep_ms(10);
        duplicates = count_hearings(collector, next);
    }
    for (size_t i = 0; i < SPOOL_CLASS_COUNT; i++)
        assert_int_equal(next[i], rig->appended[i]);
    return duplicates;
}
