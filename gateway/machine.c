/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum { WORD_MAX = 32, MONITORS_MAX = 16 };

static bool read_word(const char *root, const char *file, char word[WORD_MAX])
{
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s%s", root, file) >= sizeof path)
        return false;
    FILE *from = fopen(path, "re");
    bool good = from && fgets(word, WORD_MAX, from);
    if (from)
        (void)fclose(from);
    if (good)
        word[strcspn(word, " \n")] = '\0';
    return good;
}

bool machine_is_watched(const char *root, char *text)
{
    char state[WORD_MAX], timeout[WORD_MAX] = "?";
    if (!read_word(root, "/sys/class/watchdog/watchdog0/state", state)) {
        snprintf(
            text, MACHINE_TEXT_MAX,
            "it has no hardware watchdog: if all of it hangs, somebody has to go there (modprobe softdog "
            "helps against some of it)");
        return false;
    }
    if (strcmp(state, "active") != 0) {
        snprintf(text, MACHINE_TEXT_MAX,
                 "nobody has armed its hardware watchdog: if all of it hangs, somebody has to go there "
                 "(RuntimeWatchdogSec=15 in /etc/systemd/system.conf.d)");
        return false;
    }
    (void)read_word(root, "/sys/class/watchdog/watchdog0/timeout", timeout);
    snprintf(text, MACHINE_TEXT_MAX, "its hardware watchdog starts it anew when it hangs for %s s", timeout);
    return true;
}

bool machine_leaves_panic(const char *root, char *text)
{
    char word[WORD_MAX] = "0";
    (void)read_word(root, "/proc/sys/kernel/panic", word);
    long seconds = strtol(word, NULL, 10);
    if (seconds == 0)
        snprintf(text, MACHINE_TEXT_MAX,
                 "a kernel that gives up stands still for ever (kernel.panic = 10 in /etc/sysctl.d)");
    else
        snprintf(text, MACHINE_TEXT_MAX, "a kernel that gives up starts anew %s",
                 seconds < 0 ? "at once" : "after a while (kernel.panic)");
    return seconds != 0;
}

uint64_t machine_disk_free(const char *file)
{
    char folder[PATH_MAX];
    struct statvfs disk;
    const char *slash = strrchr(file, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - file) + 1 : 1, slash ? file : ".");
    return statvfs(folder, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
}

double machine_temperature_c(const char *root)
{
    char word[WORD_MAX], *end;
    if (!read_word(root, "/sys/class/thermal/thermal_zone0/temp", word))
        return (double)NAN;
    long thousandths = strtol(word, &end, 10);
    return end == word || *end ? (double)NAN : (double)thousandths * 1e-3;
}

bool machine_lacks_power(const char *root)
{
    for (unsigned i = 0; i < MONITORS_MAX; i++) {
        char file[64], word[WORD_MAX];
        snprintf(file, sizeof file, "/sys/class/hwmon/hwmon%u/name", i);
        if (!read_word(root, file, word) || strcmp(word, "rpi_volt") != 0)
            continue;
        snprintf(file, sizeof file, "/sys/class/hwmon/hwmon%u/in0_lcrit_alarm", i);
        return read_word(root, file, word) && strcmp(word, "1") == 0;
    }
    return false;
}
