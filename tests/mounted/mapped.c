/* Copies a file to standard output out of a mapping of it, private and shared. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy(int fd, size_t size, int flags) {
  char *bytes = mmap(NULL, size, PROT_READ, flags, fd, 0);
  if (bytes == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  if (fwrite(bytes, 1, size, stdout) != size) exit(1);
  munmap(bytes, size);
}

int main(int argc, char **argv) {
  struct stat status;
  int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (fd < 0 || fstat(fd, &status) != 0) {
    perror("open");
    return 1;
  }
  copy(fd, status.st_size, MAP_PRIVATE);
  copy(fd, status.st_size, MAP_SHARED);
  return fclose(stdout);
}
