/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool find_path(const struct config_broker *broker, char path[2 * CONFIG_PATH_MAX], char *why,
                      size_t size)
{
    if (broker->password_credential[0] == '\0') {
        snprintf(path, 2 * CONFIG_PATH_MAX, "%s", broker->password_file);
        return true;
    }
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder) {
        snprintf(why, size,
                 "password_credential '%s' needs systemd: add LoadCredential=%s:FILE to the service",
                 broker->password_credential, broker->password_credential);
        return false;
    }
    int length = snprintf(path, 2 * CONFIG_PATH_MAX, "%s/%s", folder, broker->password_credential);
    return length > 0 && length < 2 * CONFIG_PATH_MAX;
}

static bool mode_is_private(mode_t mode, const char *what, const char *path, char *why, size_t size)
{
    if (!(mode & (S_IROTH | S_IWOTH)))
        return true;
    snprintf(why, size, "everybody may read or write %s '%.80s': not used until: chmod o-rw", what, path);
    return false;
}

bool secret_is_private(const char *path, const char *what, char *why, size_t size)
{
    struct stat facts;
    if (path[0] == '\0')
        return true;
    if (stat(path, &facts) == 0)
        return mode_is_private(facts.st_mode, what, path, why, size);
    snprintf(why, size, "%s '%.80s' cannot be read: %s", what, path, strerror(errno));
    return false;
}

bool secret_read(const struct config_broker *broker, char password[SECRET_MAX], bool *given, char *why,
                 size_t size)
{
    char path[2 * CONFIG_PATH_MAX];
    password[0] = '\0';
    *given = false;
    if (!find_path(broker, path, why, size))
        return false;
    if (path[0] == '\0')
        return true;
    FILE *file = fopen(path, "re");
    if (!file) {
        snprintf(why, size, "password file '%.80s' cannot be read: %s", path, strerror(errno));
        return false;
    }
    struct stat facts;
    if (fstat(fileno(file), &facts) != 0 ||
        !mode_is_private(facts.st_mode, "password file", path, why, size)) {
        (void)fclose(file);
        return false;
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy of the secret in a buffer that is freed uncleared */
    *given = fgets(password, SECRET_MAX, file) != NULL;
    (void)fclose(file);
    password[strcspn(password, "\r\n")] = '\0';
    if (!*given)
        snprintf(why, size, "password file '%.80s' is empty: put the password on its first line", path);
    return *given;
}

bool secret_save(const char *path, const char *text, size_t length, char *why, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool saved =
        fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
    if (!saved)
        snprintf(why, size, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        saved = close(fd) == 0 && saved;
    return saved;
}
