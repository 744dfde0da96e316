/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool board_twin(const char *own, char *twin, size_t max)
{
    static const char place[] = "/bin/atalaya";
    size_t length = strlen(own), tail = sizeof place - 1;
    if (length < tail || strcmp(own + length - tail, place) != 0)
        return false;
    int written = snprintf(twin, max, "%.*s/lib/atalaya/neon/atalaya", (int)(length - tail), own);
    return written > 0 && (size_t)written < max;
}

#ifdef __arm__
#include <asm/hwcap.h>
#include <sys/auxv.h>

void board_take_twin(char **argv)
{
    char own[PATH_MAX], twin[PATH_MAX];
    ssize_t length = getauxval(AT_HWCAP) & HWCAP_NEON ? readlink("/proc/self/exe", own, sizeof own - 1) : -1;
    if (length <= 0)
        return;
    own[length] = '\0';
    if (board_twin(own, twin, sizeof twin))
        (void)execv(twin, argv); /* not there: this program does it too, only slower */
}
#else
void board_take_twin(char **argv)
{
    (void)argv;
}
#endif
