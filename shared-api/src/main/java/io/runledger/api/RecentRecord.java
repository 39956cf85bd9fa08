package io.runledger.api;

import java.util.List;

/** What this node recorded last: who follows the ledger here need not ask the database for it, nor wait to be told by it. */
public interface RecentRecord {

    /** Of a node that records nothing. */
    RecentRecord NOTHING = new RecentRecord() {
        @Override
        public List<Entry> entriesAfter(long position, int most) {
            return List.of();
        }

        @Override
        public void onRecord(Runnable listener) {}

        @Override
        public boolean isOwn(String notification) {
            return false;
        }
    };

    /**
     * An event as it is recorded.
     *
     * @param content what its payload says
     * @param hash of the event and all before it in its run, which nobody may change
     * @param position its place in the whole ledger
     */
    record Entry(StoredEvent event, RunEvent content, byte[] hash, long position) {}

    /** At most so many of the events that follow this place without a gap; none when the first of them is not here. */
    List<Entry> entriesAfter(long position, int most);

    /** Has this called when events were recorded here, on the thread that wrote: it must be quick; what it throws is logged. */
    void onRecord(Runnable listener);

    /** Whether a notification that says this tells of nothing but what was recorded here. */
    boolean isOwn(String notification);
}
