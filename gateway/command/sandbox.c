/* SPDX-License-Identifier: Apache-2.0 */
/* A drop-in for the service that opens just what a configuration needs: its kinds of devices and, where every
 * host is an address, just those addresses. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/command.h"
#include "atalaya/gateway/config.h"

enum { HOSTS_MAX = CONFIG_BROKERS_MAX + CONFIG_SOURCES_MAX + CONFIG_TRANSMITTERS_MAX + 1 };

struct needs {
    bool sound, usb, serial, gpio, hid, soapy_network;
    unsigned host_count;
    char hosts[HOSTS_MAX][CONFIG_PATH_MAX];
};

static void need_host(struct needs *needs, const char *host)
{
    for (unsigned i = 0; i < needs->host_count; i++)
        if (strcmp(needs->hosts[i], host) == 0)
            return;
    snprintf(needs->hosts[needs->host_count++], CONFIG_PATH_MAX, "%s", host);
}

/* Of "host:port" or "[address]:port" the host; "" stands for this machine. */
static void need_place(struct needs *needs, const char *place)
{
    char host[CONFIG_PATH_MAX];
    const char *begin = place + (*place == '[');
    const char *end = *place == '[' ? strchr(begin, ']') : strrchr(begin, ':');
    int length = end ? (int)(end - begin) : (int)strlen(begin);
    snprintf(host, sizeof host, "%.*s", length, begin);
    need_host(needs, *host ? host : "localhost");
}

static void need_source(struct needs *needs, const struct config_source *source)
{
    switch (source->type) {
    case SOURCE_ALSA:
        needs->sound = true;
        break;
    case SOURCE_KISS:
    case SOURCE_SERIAL:
        if (*source->host)
            need_host(needs, source->host);
        else
            needs->serial = true;
        break;
    case SOURCE_SOAPY: /* any driver: most are on USB, and one on the network says so in its arguments */
        needs->usb = true;
        needs->soapy_network = needs->soapy_network || strstr(source->device, "remote");
        break;
    case SOURCE_RTL_TCP:
        need_place(needs, source->device);
        break;
    case SOURCE_FILE:
    case SOURCE_STDIN:
        break;
    }
}

static void need_transmitter(struct needs *needs, const struct config_transmitter *transmitter)
{
    enum config_ptt ptt = transmitter->ptt;
    needs->sound = true;
    needs->serial = needs->serial || ptt == PTT_RTS || ptt == PTT_DTR || transmitter->inhibit == INHIBIT_CTS;
    needs->gpio = needs->gpio || ptt == PTT_GPIO || transmitter->inhibit == INHIBIT_GPIO;
    needs->hid = needs->hid || ptt == PTT_CM108;
    if (ptt == PTT_RIGCTLD)
        need_place(needs, transmitter->ptt_device);
}

static struct needs collect(const struct config *config)
{
    struct needs needs = {0};
    for (unsigned i = 0; i < config->source_count; i++)
        need_source(&needs, &config->source[i]);
    for (unsigned i = 0; i < config->transmitter_count; i++)
        if (*config->transmitter[i].channel) /* else switched off */
            need_transmitter(&needs, &config->transmitter[i]);
    for (unsigned i = 0; i < config->broker_count; i++)
        need_host(&needs, config->broker[i].host);
    if (config->gpsd.enabled)
        need_host(&needs, config->gpsd.host);
    return needs;
}

/* A kind of device, not the one file: what is unplugged comes back under another number. */
static void print_devices(const struct needs *needs)
{
    printf("# Only the devices that the configuration names.\nDeviceAllow=\n");
    if (needs->sound)
        printf("DeviceAllow=char-alsa rw\n");
    if (needs->serial)
        printf("DeviceAllow=char-ttyS rw\nDeviceAllow=char-ttyAMA rw\nDeviceAllow=char-ttyUSB rw\n"
               "DeviceAllow=char-ttyACM rw\n");
    if (needs->usb)
        printf("DeviceAllow=char-usb_device rw\n");
    if (needs->gpio)
        printf("DeviceAllow=char-gpiochip rw\n");
    if (needs->hid)
        printf("DeviceAllow=char-hidraw rw\n");
    printf("SupplementaryGroups=\n");
    if (needs->sound)
        printf("SupplementaryGroups=audio\n");
    if (needs->serial)
        printf("SupplementaryGroups=dialout\n");
    if (needs->usb)
        printf("SupplementaryGroups=plugdev\n");
}

static bool is_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

static void print_addresses(const struct needs *needs)
{
    for (unsigned i = 0; i < needs->host_count; i++)
        if (strcmp(needs->hosts[i], "localhost") != 0 && !is_address(needs->hosts[i])) {
            printf("# No limit on addresses: %s is a name, and names need a name server.\n", needs->hosts[i]);
            return;
        }
    if (needs->soapy_network) {
        printf("# No limit on addresses: a radio of SoapySDR may be behind a network.\n");
        return;
    }
    printf("# Nothing else is talked to.\nIPAddressDeny=any\nIPAddressAllow=localhost\n");
    for (unsigned i = 0; i < needs->host_count; i++)
        if (is_address(needs->hosts[i]))
            printf("IPAddressAllow=%s\n", needs->hosts[i]);
}

static int run(int argc, char **argv)
{
    const char *path = "/etc/atalaya/atalaya.conf";
    const struct option_row rows[] = {
        {"config", 'c', OPTION_TEXT, &path, "FILE", "configuration (/etc/atalaya/atalaya.conf)"},
    };
    int status = options_parse(&command_sandbox, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 1) {
        fprintf(stderr, "atalaya sandbox: no argument belongs here, but '%s' was given\n", argv[1]);
        return EXIT_USAGE;
    }
    struct config *config;
    if (config_load(path, &config, config_complain_errors_to_stderr, NULL) != ATALAYA_OK)
        return 1;
    const struct needs needs = collect(config);
    printf("# Made by: atalaya sandbox --config %s\n[Service]\n", path);
    print_devices(&needs);
    print_addresses(&needs);
    config_free(config);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("atalaya sandbox: standard output");
        return 1;
    }
    return 0;
}

const struct command command_sandbox = {
    .name = "sandbox",
    .arguments = "[--config FILE]",
    .summary = "print a systemd drop-in that opens just the devices and addresses of a configuration",
    .run = run,
};
