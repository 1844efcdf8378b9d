/*
 * The one that is kept waiting: does what a reader does, without a shell around it, and says how fast it was.
 *
 *   client open DIR PREFIX FIRST COUNT   open, read and close COUNT files; prints files per second
 *   client list DIR                      opendir, readdir, closedir; prints milliseconds and names
 *   client read FILE                     reads a file from start to end; prints 10^6 bytes per second
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int open_files(const char *dir, const char *prefix, int first, int count) {
  char name[64], bytes[4096];
  long total = 0;
  int root = open(dir, O_RDONLY | O_DIRECTORY);
  if (root < 0) fail(dir);
  double begin = now();
  for (int i = first; i < first + count; i++) {
    snprintf(name, sizeof name, "%s%05d", prefix, i);
    int fd = openat(root, name, O_RDONLY);
    if (fd < 0) fail(name);
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got < 0) fail(name);
    total += got;
    close(fd);
  }
  printf("%.1f %ld\n", count / (now() - begin), total);
  return 0;
}

static int list(const char *dir) {
  long names = 0;
  double begin = now();
  DIR *stream = opendir(dir);
  if (stream == NULL) fail(dir);
  while (readdir(stream) != NULL) names++;
  closedir(stream);
  printf("%.4f %ld\n", (now() - begin) * 1e3, names - 2);
  return 0;
}

static int read_file(const char *path) {
  static char bytes[1 << 20];
  long total = 0;
  double begin = now();
  int fd = open(path, O_RDONLY);
  if (fd < 0) fail(path);
  for (ssize_t got; (got = read(fd, bytes, sizeof bytes)) != 0; total += got) {
    if (got < 0) fail(path);
  }
  close(fd);
  printf("%.1f %ld\n", total / 1e6 / (now() - begin), total);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 6 && strcmp(argv[1], "open") == 0) return open_files(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
  if (argc == 3 && strcmp(argv[1], "list") == 0) return list(argv[2]);
  if (argc == 3 && strcmp(argv[1], "read") == 0) return read_file(argv[2]);
  fprintf(stderr, "usage: client open DIR PREFIX FIRST COUNT | list DIR | read FILE\n");
  return 2;
}
