/* SPDX-License-Identifier: Apache-2.0 */
#include "broker.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PORT_FIRST = 12000, PORT_LAST = 32000 }; /* as ports.py, which says why */

#define must(condition)                                                                                      \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

void test_sleep_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&time, &time) != 0) {
    }
}

static double clock_s(clockid_t clock)
{
    struct timespec time;
    must(clock_gettime(clock, &time) == 0);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double test_process_cpu_s(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

double test_now_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

static int loopback(unsigned port, int (*act)(int, const struct sockaddr *, socklen_t), int *fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(*fd >= 0);
    return act(*fd, (const struct sockaddr *)&address, sizeof address);
}

unsigned broker_free_port(void)
{
    for (unsigned tries = 0; tries < 100; tries++) {
        uint32_t random = 0;
        int fd;
        must(getrandom(&random, sizeof random, 0) == sizeof random);
        unsigned port = PORT_FIRST + random % (PORT_LAST - PORT_FIRST);
        bool free = loopback(port, bind, &fd) == 0;
        must(close(fd) == 0);
        if (free)
            return port;
    }
    must(!"a hundred ports, none of them free");
    return 0;
}

void broker_prepare(struct broker *broker)
{
    memset(broker, 0, sizeof *broker);
    snprintf(broker->folder, sizeof broker->folder, "/tmp/atalaya-test-XXXXXX");
    must(mkdtemp(broker->folder));
    broker->port = broker_free_port();
}

static void wait_for_port(const struct broker *broker)
{
    for (int i = 0; i < 500; i++) {
        int fd;
        bool open = loopback(broker->port, connect, &fd) == 0;
        must(close(fd) == 0);
        if (open)
            return;
        must(waitpid(broker->pid, NULL, WNOHANG) == 0);
        test_sleep_ms(10);
    }
    must(!"the broker did not open its port");
}

static void run(struct broker *broker, char *const argv[])
{
    broker->pid = fork();
    must(broker->pid >= 0);
    if (broker->pid > 0)
        return;
    char log[128];
    snprintf(log, sizeof log, "%s/log", broker->folder);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && freopen(log, "a", stderr) && freopen(log, "a", stdout))
        execvp(argv[0], argv);
    _exit(127);
}

static void support_path(char *path, size_t size, const char *name)
{
    const char *source = getenv("ATALAYA_SOURCE_DIR");
    snprintf(path, size, "%s/tests/support/%s", source ? source : ".", name);
}

static void run_to_end(struct broker *broker, char *const argv[])
{
    int status = -1;
    run(broker, argv);
    must(waitpid(broker->pid, &status, 0) == broker->pid && status == 0);
    broker->pid = 0;
}

void broker_make_certificates(struct broker *broker)
{
    char script[512];
    support_path(script, sizeof script, "certificates.sh");
    run_to_end(broker, (char *[]){(char[]){"bash"}, script, broker->folder, NULL});
}

static void write_configuration(struct broker *broker, const struct broker_options *options, const char *path)
{
    FILE *file = fopen(path, "w");
    must(file);
    fprintf(file, "listener %u 127.0.0.1\npersistence false\nmax_queued_messages 0\nlog_type all\n",
            broker->port);
    if (geteuid() == 0)
        fprintf(file, "user root\n");
    if (options->certificate)
        fprintf(file, "certfile %s/%s\nkeyfile %s/key.pem\n", broker->folder, options->certificate,
                broker->folder);
    fprintf(file, "allow_anonymous %s\n", options->user ? "false" : "true");
    if (options->user)
        fprintf(file, "password_file %s/users\n", broker->folder);
    if (options->extra)
        fprintf(file, "%s\n", options->extra);
    must(fclose(file) == 0);
}

void broker_start(struct broker *broker, const struct broker_options *options)
{
    char path[128], users[128], user[64], password[64];
    snprintf(path, sizeof path, "%s/mosquitto.conf", broker->folder);
    snprintf(users, sizeof users, "%s/users", broker->folder);
    write_configuration(broker, options, path);
    if (options->user) {
        snprintf(user, sizeof user, "%s", options->user);
        snprintf(password, sizeof password, "%s", options->password);
        run_to_end(broker, (char *[]){(char[]){"mosquitto_passwd"}, (char[]){"-c"}, (char[]){"-b"}, users,
                                      user, password, NULL});
    }
    run(broker, (char *[]){(char[]){"mosquitto"}, (char[]){"-c"}, path, NULL});
    wait_for_port(broker);
}

void broker_start_fake(struct broker *broker, const char *mode)
{
    char script[512], port[16], name[32];
    snprintf(name, sizeof name, "%s", mode);
    support_path(script, sizeof script, "fake_broker.py");
    snprintf(port, sizeof port, "%u", broker->port);
    run(broker, (char *[]){(char[]){"python3"}, script, name, port, NULL});
    wait_for_port(broker);
}

void broker_kill(struct broker *broker, int signal)
{
    if (broker->pid <= 0)
        return;
    must(kill(broker->pid, signal) == 0 && waitpid(broker->pid, NULL, 0) == broker->pid);
    broker->pid = 0;
}

void broker_remove(struct broker *broker)
{
    broker_kill(broker, SIGKILL);
    struct broker remover = {.folder = "/tmp"};
    remover.pid = fork();
    if (remover.pid == 0) {
        execlp("rm", "rm", "-rf", broker->folder, (char *)NULL);
        _exit(127);
    }
    must(waitpid(remover.pid, NULL, 0) == remover.pid);
}
