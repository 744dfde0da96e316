/* SPDX-License-Identifier: Apache-2.0 */
/* With a real gpsd and with servers that only pretend: the facts say what is true. tests/support/gpsd.py
 * starts gpsd and plays the receiver. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/site.h"
#include "broker.h"

static FILE *to_helper, *from_helper;
static unsigned gpsd_port;
static struct config config;

static void command(const char *line)
{
    char answer[64] = "";
    fprintf(to_helper, "%s\n", line);
    fflush(to_helper);
    assert_non_null(fgets(answer, sizeof answer, from_helper));
    assert_string_equal(answer, "done\n");
}

static struct site *create_at(unsigned port)
{
    struct site *site = NULL;
    memset(&config, 0, sizeof config);
    config.gpsd.enabled = true;
    config.gpsd.port = port;
    config.gpsd.stale_after_s = 2.0;
    config.gpsd.frozen_after_s = 2.0;
    config.gpsd.jump_m = 500.0;
    (void)snprintf(config.gpsd.host, sizeof config.gpsd.host, "127.0.0.1");
    assert_int_equal(site_create(&config, &site), ATALAYA_OK);
    return site;
}

/* Looks for up to timeout_s until gps and fix are as wanted. */
static void expect(struct site *site, enum site_gps gps, enum site_fix fix, double timeout_s,
                   struct site_facts *facts)
{
    int64_t limit_ns = clock_mono_ns() + (int64_t)(timeout_s * 1e9);
    do {
        site_facts(site, facts);
        if (facts->gps == gps && facts->fix == fix)
            return;
        test_sleep_ms(20);
    } while (clock_mono_ns() < limit_ns);
    fail_msg("gps %s fix %s instead of %s %s", site_gps_text(facts->gps), site_fix_text(facts->fix),
             site_gps_text(gps), site_fix_text(fix));
}

static void destroy_promptly(struct site *site)
{
    int64_t start_ns = clock_mono_ns();
    site_destroy(site);
    assert_true(clock_mono_ns() - start_ns < INT64_C(1500000000));
}

/* gpsd and its receiver are there, and the site knows where it is. */
static struct site *create_with_fix(struct site_facts *facts)
{
    command("feed 32.5 -112.5 3 0.000001");
    command("start");
    struct site *site = create_at(gpsd_port);
    expect(site, SITE_GPS_OK, SITE_FIX_3D, 5, facts);
    return site;
}

static void end(struct site *site)
{
    destroy_promptly(site);
    command("stop");
}

static void test_the_life_of_a_receiver(void **state)
{
    (void)state;
    struct site_facts facts;
    command("silence");
    command("start");
    struct site *site = create_at(gpsd_port);
    expect(site, SITE_GPS_NO_FIX, SITE_FIX_NONE, 5, &facts);
    assert_true(isnan(facts.lat_deg));
    assert_int_not_equal(facts.clock.source, TIME_GPS);

    command("feed 32.5 -112.5 3 0.000001");
    expect(site, SITE_GPS_OK, SITE_FIX_3D, 5, &facts);
    assert_true(fabs(facts.lat_deg - 32.5) < 1e-5 && fabs(facts.lon_deg + 112.5) < 1e-5);
    test_sleep_ms(1500);
    expect(site, SITE_GPS_OK, SITE_FIX_3D, 5, &facts);
    assert_true(fabs(facts.alt_m - 700.0) < 0.1);
    assert_true(facts.accuracy_m > 0.0 && facts.accuracy_m < 100.0);
    assert_int_equal(facts.satellites_used, 9);
    assert_true(facts.age_s >= 0.0 && facts.age_s < 1.0);
    assert_true(facts.moved_m < 5.0);
    assert_int_equal(facts.clock.source, TIME_GPS);
    assert_true(facts.clock.error_ns >= 0 && facts.clock.error_ns < INT64_C(1500000000));

    command("feed 32.5 -112.5 2 0.000001");
    expect(site, SITE_GPS_OK, SITE_FIX_2D, 5, &facts);
    assert_true(isnan(facts.alt_m));

    command("feed 32.5 -112.5 1 0");
    expect(site, SITE_GPS_NO_FIX, SITE_FIX_NONE, 5, &facts);
    assert_true(fabs(facts.lat_deg - 32.5) < 1e-5); /* last known, with its age */
    test_sleep_ms(500);
    site_facts(site, &facts);
    assert_true(facts.age_s >= 0.5);
    assert_int_not_equal(facts.clock.source, TIME_GPS);

    command("feed 32.5 -112.5 3 0.000001");
    expect(site, SITE_GPS_OK, SITE_FIX_3D, 5, &facts);
    command("feed 32.5 -112.5 3 0");
    expect(site, SITE_GPS_FROZEN, SITE_FIX_3D, 6, &facts);
    assert_true(facts.age_s >= 1.9);
    command("feed 32.5 -112.5 3 0.000001");
    expect(site, SITE_GPS_OK, SITE_FIX_3D, 5, &facts);
    command("silence");
    expect(site, SITE_GPS_STALE, SITE_FIX_NONE, 6, &facts);
    assert_true(facts.age_s > 2.0 && fabs(facts.lat_deg - 32.5) < 1e-5);
    command("garbage");
    test_sleep_ms(700);
    site_facts(site, &facts);
    assert_true(facts.gps == SITE_GPS_STALE || facts.gps == SITE_GPS_NO_FIX);
    assert_true(fabs(facts.lat_deg - 32.5) < 1e-5);
    end(site);
}

static void test_a_jump_is_reported_and_doubted_first(void **state)
{
    (void)state;
    struct site_facts facts;
    struct site *site = create_with_fix(&facts);
    command("feed 32.6 -112.5 3 0.000001");
    expect(site, SITE_GPS_JUMPED, SITE_FIX_3D, 5, &facts);
    assert_true(fabs(facts.lat_deg - 32.5) < 1e-4);
    assert_true(facts.moved_m > 11000.0 && facts.moved_m < 11300.0);
    test_sleep_ms(2000);
    site_facts(site, &facts);
    assert_int_equal(facts.gps, SITE_GPS_JUMPED);
    assert_true(fabs(facts.lat_deg - 32.6) < 1e-4);
    end(site);
}

static void test_gpsd_dies_and_comes_back(void **state)
{
    (void)state;
    struct site_facts facts;
    struct site *site = create_with_fix(&facts);
    command("stop");
    expect(site, SITE_GPS_AWAY, SITE_FIX_NONE, 3, &facts);
    assert_true(fabs(facts.lat_deg - 32.5) < 1e-4);
    assert_int_not_equal(facts.clock.source, TIME_GPS);
    test_sleep_ms(1500);
    command("start");
    expect(site, SITE_GPS_OK, SITE_FIX_3D, 10, &facts);
    end(site);
}

static void test_gpsd_without_a_receiver(void **state)
{
    (void)state;
    struct site_facts facts;
    char text[256];
    command("start no-device");
    struct site *site = create_at(gpsd_port);
    expect(site, SITE_GPS_NO_DEVICE, SITE_FIX_NONE, 5, &facts);
    test_sleep_ms(11000); /* longer than the silence that a dead connection is allowed */
    expect(site, SITE_GPS_NO_DEVICE, SITE_FIX_NONE, 0, &facts);
    destroy_promptly(site);
    assert_false(site_probe(&config.gpsd, text, sizeof text));
    assert_non_null(strstr(text, "no receiver"));
    command("stop");
}

static void test_a_fixed_position_wins_but_gps_is_still_told(void **state)
{
    (void)state;
    struct site_facts facts;
    struct site *site = create_with_fix(&facts);
    destroy_promptly(site);
    config.site.has_position = true;
    config.site.lat_deg = 31.9;
    config.site.lon_deg = -112.8;
    config.site.alt_m = (double)NAN;
    assert_int_equal(site_create(&config, &site), ATALAYA_OK);
    expect(site, SITE_GPS_OK, SITE_FIX_FIXED, 5, &facts);
    assert_true(fabs(facts.lat_deg - 31.9) < 1e-12 && isnan(facts.alt_m) && facts.age_s <= 0.0);
    assert_int_equal(facts.clock.source, TIME_GPS);
    destroy_promptly(site);
    config.gpsd.enabled = false;
    assert_int_equal(site_create(&config, &site), ATALAYA_OK);
    expect(site, SITE_GPS_OFF, SITE_FIX_FIXED, 0, &facts);
    end(site);
}

static void test_probe_says_what_it_found(void **state)
{
    (void)state;
    char text[256];
    command("feed 32.5 -112.5 3 0.000001");
    command("start");
    destroy_promptly(create_at(gpsd_port));
    assert_true(site_probe(&config.gpsd, text, sizeof text));
    assert_non_null(strstr(text, "3d fix"));
    command("stop");
    assert_false(site_probe(&config.gpsd, text, sizeof text));
    assert_non_null(strstr(text, "does not answer"));
    config.gpsd.enabled = false;
    assert_true(site_probe(&config.gpsd, text, sizeof text));
}

/* A socket that listens on a free port of the loopback; its address. */
static int listen_anywhere(int waiting, struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)address, size), 0);
    assert_int_equal(listen(fd, waiting), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
    return fd;
}

/* A server that accepts and then says `text`, `count` times, to everybody, and nothing more. */
struct pretender {
    int fd;
    unsigned port, count;
    const char *text;
    size_t length;
    pthread_t thread;
    atomic_bool stop;
    atomic_uint accepted;
};

static void *pretend(void *context)
{
    struct pretender *pretender = context;
    int peers[64];
    unsigned used = 0;
    while (!atomic_load(&pretender->stop) && used < 64) {
        int peer = accept(pretender->fd, NULL, NULL);
        if (peer < 0)
            continue;
        peers[used++] = peer;
        atomic_fetch_add(&pretender->accepted, 1);
        for (unsigned i = 0; i < pretender->count; i++)
            if (send(peer, pretender->text, pretender->length, MSG_NOSIGNAL) < 0)
                break;
    }
    for (unsigned i = 0; i < used; i++)
        close(peers[i]);
    return NULL;
}

static void pretender_start(struct pretender *pretender, const char *text, size_t length, unsigned count)
{
    struct sockaddr_in address;
    struct timeval timeout = {.tv_usec = 50000};
    *pretender = (struct pretender){.text = text, .length = length, .count = count};
    pretender->fd = listen_anywhere(8, &address);
    assert_int_equal(setsockopt(pretender->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    pretender->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&pretender->thread, NULL, pretend, pretender), 0);
}

static void pretender_stop(struct pretender *pretender)
{
    atomic_store(&pretender->stop, true);
    assert_int_equal(pthread_join(pretender->thread, NULL), 0);
    close(pretender->fd);
}

/* Against such a server the site is away, takes next to no processor time, and leaves at once. */
static void expect_away_and_idle(const char *text, size_t length, unsigned count)
{
    struct pretender pretender;
    struct site_facts facts;
    pretender_start(&pretender, text, length, count);
    struct site *site = create_at(pretender.port);
    test_sleep_ms(300);
    double before_s = test_process_cpu_s();
    for (int i = 0; i < 30; i++) {
        site_facts(site, &facts);
        assert_int_equal(facts.gps, SITE_GPS_AWAY);
        assert_int_equal(facts.fix, SITE_FIX_NONE);
        test_sleep_ms(100);
    }
    assert_true(test_process_cpu_s() - before_s < 0.15); /* 5 % of 3 s */
    assert_true(atomic_load(&pretender.accepted) >= 1);
    destroy_promptly(site);
    pretender_stop(&pretender);
}

static void test_a_server_that_says_nothing(void **state)
{
    (void)state;
    expect_away_and_idle("", 0, 0);
}

static void test_half_a_line_does_not_make_it_spin(void **state)
{
    (void)state;
    static const char half[] = "{\"class\":\"VERSION\",\"rel";
    expect_away_and_idle(half, sizeof half - 1, 1);
}

static void test_half_a_megabyte_without_a_line(void **state)
{
    (void)state;
    static char noise[65536];
    memset(noise, '{', sizeof noise);
    expect_away_and_idle(noise, sizeof noise, 8);
}

static void test_garbage_json_is_not_gpsd(void **state)
{
    (void)state;
    static const char noise[] =
        "{\"class\":\"TPV\",\"mode\":\"three\",[}\n{\"class\":\n{}\nhello\n\n{\"class\":\"WHAT\"}\n"
        "HTTP/1.1 400 Bad Request\r\n\r\n{\"class\":\"SKY\",\"satellites\":[[[[[\n";
    expect_away_and_idle(noise, sizeof noise - 1, 100);
}

static void test_hostile_figures_are_no_fix(void **state)
{
    (void)state;
    static const char lies[] =
        "{\"class\":\"DEVICES\",\"devices\":[{\"class\":\"DEVICE\",\"path\":\"/dev/x\",\"activated\":1}]}\n"
        "{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-23T00:00:00.000Z\",\"lat\":1e300,\"lon\":-112.5}\n"
        "{\"class\":\"TPV\",\"mode\":3,\"time\":\"9999-99-99T99:99:99Z\",\"lat\":91.0,\"lon\":-112.5}\n"
        "{\"class\":\"TPV\",\"mode\":77,\"lat\":32.5,\"lon\":-112.5}\n";
    struct pretender pretender;
    struct site_facts facts;
    pretender_start(&pretender, lies, sizeof lies - 1, 1);
    struct site *site = create_at(pretender.port);
    expect(site, SITE_GPS_NO_FIX, SITE_FIX_NONE, 3, &facts);
    test_sleep_ms(200);
    expect(site, SITE_GPS_NO_FIX, SITE_FIX_NONE, 0, &facts);
    assert_true(isnan(facts.lat_deg) && isnan(facts.lon_deg));
    destroy_promptly(site);
    pretender_stop(&pretender);
}

static void test_leaves_at_once_although_opening_hangs(void **state)
{
    (void)state;
    /* A listener whose queue is full never completes the next connection: connect hangs. */
    struct sockaddr_in address;
    int listener = listen_anywhere(0, &address);
    int fillers[4];
    for (int i = 0; i < 4; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    struct site *site = create_at(ntohs(address.sin_port));
    test_sleep_ms(300);
    destroy_promptly(site);
    close(listener); /* the connection is refused now, and the thread that was left behind ends */
    for (int i = 0; i < 4; i++)
        close(fillers[i]);
    test_sleep_ms(2500);
}

static pid_t helper;

static int start_helper(void **state)
{
    (void)state;
    int in[2], out[2];
    const char *source = getenv("ATALAYA_SOURCE_DIR");
    char script[4096], line[64] = "";
    if (!source || pipe(in) != 0 || pipe(out) != 0)
        return -1;
    (void)snprintf(script, sizeof script, "%s/tests/support/gpsd.py", source);
    helper = fork();
    if (helper == 0) {
        (void)dup2(in[0], STDIN_FILENO);
        (void)dup2(out[1], STDOUT_FILENO);
        for (int i = 0; i < 2; i++) {
            close(in[i]);
            close(out[i]);
        }
        execlp("python3", "python3", script, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_helper = fdopen(in[1], "w");
    from_helper = fdopen(out[0], "r");
    if (helper < 0 || !to_helper || !from_helper || !fgets(line, sizeof line, from_helper))
        return -1;
    if (sscanf(line, "%u", &gpsd_port) != 1) {
        puts("skipped: gpsd is not installed");
        exit(77);
    }
    return 0;
}

static int stop_helper(void **state)
{
    (void)state;
    int status;
    (void)fclose(to_helper);
    (void)fclose(from_helper);
    return waitpid(helper, &status, 0) == helper && status == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_life_of_a_receiver),
        cmocka_unit_test(test_a_jump_is_reported_and_doubted_first),
        cmocka_unit_test(test_gpsd_dies_and_comes_back),
        cmocka_unit_test(test_gpsd_without_a_receiver),
        cmocka_unit_test(test_a_fixed_position_wins_but_gps_is_still_told),
        cmocka_unit_test(test_probe_says_what_it_found),
        cmocka_unit_test(test_a_server_that_says_nothing),
        cmocka_unit_test(test_half_a_line_does_not_make_it_spin),
        cmocka_unit_test(test_half_a_megabyte_without_a_line),
        cmocka_unit_test(test_garbage_json_is_not_gpsd),
        cmocka_unit_test(test_hostile_figures_are_no_fix),
        cmocka_unit_test(test_leaves_at_once_although_opening_hangs),
    };
    return cmocka_run_group_tests(tests, start_helper, stop_helper);
}
