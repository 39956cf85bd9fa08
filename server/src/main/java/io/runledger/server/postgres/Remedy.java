package io.runledger.server.postgres;

/** What to do about the complaints of PostgreSQL and of the operating system that people do meet. */
enum Remedy {
    DISK_FULL("No space left on device", "The disk is full: free some space and start again."),
    QUOTA("Disk quota exceeded", "The disk quota is used up: free some space and start again."),
    NO_NAMESPACE(
            "unshare",
            "PostgreSQL refuses root, and root may not step down here: start the server as an ordinary user."),
    ROOT("cannot be run as root", "Start the server as an ordinary user."),
    LOOSE_PERMISSIONS("has invalid permissions", "Give the folder to the server's user alone (chmod 0700)."),
    FOREIGN_OWNER("has wrong ownership", "Start the server as the user who owns the data directory, or chown it."),
    PERMISSION("Permission denied", "Start the server as the owner of that path, or give its user permission there."),
    ACCESS("AccessDenied", "Start the server as the owner of that path, or give its user permission there."),
    READ_ONLY("Read-only file system", "Mount the data directory writable, or configure another one."),
    MEMORY("Cannot allocate memory", "Free some memory, or lower shared_buffers in postgresql.conf."),
    SHARED_MEMORY("could not resize shared memory", "Make /dev/shm larger (docker run --shm-size=256m)."),
    CONFIGURATION("configuration file", "Mend the line named above in postgresql.conf."),
    SETTING("unrecognized configuration parameter", "Remove the setting named above from postgresql.conf."),
    DAMAGED("could not locate a valid checkpoint record", "The data is damaged: restore the latest backup."),
    MISSING_LIBRARY("error while loading shared libraries", "Install the library named above."),
    OTHER("", "Read the log and start again when the cause is gone.");

    private final String complaint;
    private final String advice;

    Remedy(String complaint, String advice) {
        this.complaint = complaint;
        this.advice = advice;
    }

    /** The first that fits, and never nothing. */
    static String adviceFor(String output) {
        for (var remedy : values()) {
            if (output.contains(remedy.complaint)) {
                return remedy.advice;
            }
        }
        return OTHER.advice;
    }
}
