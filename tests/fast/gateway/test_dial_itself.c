/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever calls a port of this machine that nobody listens on again and again is some day given that very
 * port, and meets itself. In a network of its own, with two ports to give, where that happens at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../../gateway/source/dial.h"

enum { PORT = 40000, TIMES = 8 };

static bool own_network(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "we");
    bool good = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0 && range != NULL &&
                fprintf(range, "%d %d\n", PORT, PORT + 1) > 0;
    if (range != NULL)
        good = fclose(range) == 0 && good;
    if (fd >= 0)
        (void)close(fd);
    return good;
}

static bool kernel_lets_a_socket_meet_itself(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0}; /* the port is free again */
    bool met = false;
    for (int i = 0; i < TIMES && !met; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
        met = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        assert_int_equal(close(fd), 0);
    }
    return met;
}

static void a_call_that_meets_itself_is_refused(void **state)
{
    (void)state;
    if (!own_network() || !kernel_lets_a_socket_meet_itself()) {
        print_message("no network of its own to be had here\n");
        skip();
    }
    for (int i = 0; i < TIMES; i++) {
        char text[256] = "";
        int fd;
        assert_int_equal(dial("127.0.0.1", "40000", DIAL_LOOKUP_MS, &fd, text, sizeof text), ATALAYA_E_GONE);
        assert_int_equal(fd, -1);
        assert_non_null(strstr(text, "Connection refused"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_call_that_meets_itself_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
