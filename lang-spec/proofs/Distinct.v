(* `limit N distinct(FIELD)`: one value more than the limit lets through is kept, those seen latest, each with its latest time. That is enough to say exactly
   when there are more than N different ones in the window (runtime/engine/src/gauge.rs, `note` and `distinct`). *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Require Import Leverframe.Templates.
Open Scope Z_scope.

Section Distinct.
Variables (A : Type) (dec : forall x y : A, {x = y} + {x <> y}).
(* How many are let through; one more is kept. *)
Variable limit : nat.
Definition cap : nat := S limit.

Definition mem (v : A) (l : list A) : bool := if in_dec dec v l then true else false.
Definition is_not (v : A) (e : A * Z) : bool := if dec (fst e) v then false else true.
Definition without (v : A) (k : list (A * Z)) : list (A * Z) := filter (is_not v) k.

(* Noting a value: its older entry goes, or else, where there is no place, the first one. *)
Definition note (k : list (A * Z)) (e : A * Z) : list (A * Z) :=
  (if mem (fst e) (map fst k) then without (fst e) k else if (cap <=? length k)%nat then tl k else k) ++ [e].
Definition noted (h : list (A * Z)) : list (A * Z) := fold_left note h [].

(* The values seen since a time. *)
Definition from (s : Z) (l : list (A * Z)) : list A := map fst (filter (fun e => s <=? snd e) l).
Definition seen (s : Z) (h : list (A * Z)) : list A := nodup dec (from s h).

Definition same (a b : list A) : Prop := forall v, In v a <-> In v b.

Lemma in_from : forall s l v, In v (from s l) <-> exists t, In (v, t) l /\ s <= t.
Proof.
  intros s l v. unfold from. rewrite in_map_iff. split.
  - intros ([w t] & <- & I). apply filter_In in I. destruct I as [I L]. apply Z.leb_le in L. now exists t.
  - intros (t & I & L). exists (v, t). split; auto. apply filter_In. split; auto. now apply Z.leb_le.
Qed.

Lemma in_seen : forall s h v, In v (seen s h) <-> exists t, In (v, t) h /\ s <= t.
Proof. intros. unfold seen. now rewrite nodup_In, in_from. Qed.

Lemma same_length : forall a b, NoDup a -> NoDup b -> same a b -> length a = length b.
Proof. intros a b N M S. apply Nat.le_antisymm; apply NoDup_incl_length; auto; intros v; apply S. Qed.

Lemma nodup_from : forall s k, NoDup (map fst k) -> NoDup (from s k).
Proof.
  intros s k N. unfold from. induction k as [|e k IH]; simpl in *; [constructor|]. inversion N; subst. destruct (s <=? snd e); simpl; auto.
  constructor; auto. intros I. apply H1. apply in_map_iff in I. destruct I as (x & E & I). apply filter_In in I. rewrite <- E. apply in_map. tauto.
Qed.

Lemma from_length : forall s k, (length (from s k) <= length k)%nat.
Proof. intros s k. unfold from. rewrite map_length. induction k as [|e k IH]; simpl; auto. destruct (s <=? snd e); simpl; lia. Qed.

Lemma without_spec : forall v k w t, In (w, t) (without v k) <-> In (w, t) k /\ w <> v.
Proof.
  intros v k w t. unfold without. rewrite filter_In. unfold is_not. simpl. destruct (dec w v); intuition congruence.
Qed.

Lemma nodup_without : forall v k, NoDup (map fst k) -> NoDup (map fst (without v k)).
Proof.
  intros v k N. unfold without. induction k as [|e k IH]; simpl in *; [constructor|]. inversion N; subst. destruct (is_not v e); simpl; auto.
  constructor; auto. intros I. apply H1. apply in_map_iff in I. destruct I as (x & E & I). apply filter_In in I. rewrite <- E. apply in_map. tauto.
Qed.

Lemma ascending_filter : forall (f : A * Z -> bool) k, ascending (map snd k) -> ascending (map snd (filter f k)).
Proof.
  intros f k. induction k as [|e k IH]; simpl; auto. intros [F S]. destruct (f e); simpl; auto. split; auto.
  rewrite Forall_forall in *. intros t I. apply F. apply in_map_iff in I. destruct I as (x & <- & I). apply filter_In in I. apply in_map. tauto.
Qed.

Lemma without_length : forall v k, In v (map fst k) -> (S (length (without v k)) <= length k)%nat.
Proof.
  intros v k. unfold without. induction k as [|e k IH]; simpl; [tauto|]. intros I. unfold is_not at 1.
  assert (L : (length (filter (is_not v) k) <= length k)%nat) by (clear; induction k as [|x k IH]; simpl; auto; destruct (is_not v x); simpl; lia).
  destruct (dec (fst e) v) as [E|E]; [lia|]. destruct I as [I|I]; [tauto|]. apply IH in I. simpl. lia.
Qed.

(* What is kept, for every point in time: all that was seen since, if it is no more than the limit; otherwise so many that the limit is over. *)
Definition kept_right (h k : list (A * Z)) : Prop :=
  NoDup (map fst k) /\ ascending (map snd k) /\ (length k <= cap)%nat /\ incl k h /\
  forall s, ((length (seen s h) < cap)%nat -> same (from s k) (seen s h)) /\ ((cap <= length (seen s h))%nat -> length (from s k) = cap).

(* Nothing seen since `s` is lost by noting a value, unless there is no place among what was seen since. *)
Lemma note_loses : forall k v t s, NoDup (map fst k) -> ascending (map snd k) -> (length k <= cap)%nat -> (forall e, In e k -> snd e <= t) -> s <= t ->
  (forall w, In w (from s (note k (v, t))) <-> In w (from s k) \/ w = v) \/
  (length (from s k) = cap /\ length (from s (note k (v, t))) = cap).
Proof.
  intros k v t s N S L T B.
  assert (P : forall l : list (A * Z), (forall w u, s <= u -> (In (w, u) l /\ w <> v <-> In (w, u) k /\ w <> v)) ->
    forall w, In w (from s (l ++ [(v, t)])) <-> In w (from s k) \/ w = v).
  { intros l E w. rewrite !in_from. split.
    - intros (u & I & U). apply in_app_iff in I. destruct I as [I|[I|[]]]; [|inversion I; auto].
      destruct (dec w v) as [|n]; auto. left. exists u. split; auto. now apply (E w u U).
    - intros [(u & I & U)| ->]; [|exists t; rewrite in_app_iff; simpl; auto]. destruct (dec w v) as [->|n]; [exists t; rewrite in_app_iff; simpl; auto|].
      exists u. rewrite in_app_iff. split; auto. left. now apply (E w u U). }
  unfold note. cbn [fst]. unfold mem. destruct (in_dec dec v (map fst k)) as [I|I].
  - left. apply P. intros w u U. rewrite without_spec. tauto.
  - destruct (Nat.leb_spec cap (length k)) as [C|C]; [|left; apply P; tauto].
    destruct k as [|[w0 u0] k]; [simpl in C; unfold cap in C; lia|]. simpl tl. simpl in S. destruct S as [S0 S].
    destruct (Z_lt_le_dec u0 s) as [U|U].
    + left. apply P. intros w u Us. simpl. split; [tauto|]. intros [[E|J] n]; [inversion E; subst; lia|auto].
    + right. assert (E : forall l : list (A * Z), (forall e, In e l -> s <= snd e) -> length (from s l) = length l).
      { intros l Hl. unfold from. rewrite map_length. induction l as [|e l IH]; auto. simpl. rewrite (proj2 (Z.leb_le s (snd e))) by (apply Hl; now left).
        simpl. f_equal. apply IH. intros; apply Hl; now right. }
      assert (R : forall e, In e k -> s <= snd e).
      { intros e J. rewrite Forall_forall in S0. specialize (S0 (snd e) (in_map snd k e J)). lia. }
      rewrite !E.
      * rewrite app_length. simpl in *. lia.
      * intros e J. apply in_app_iff in J. destruct J as [J|[<-|[]]]; [now apply R|auto].
      * intros e [<-|J]; [auto|now apply R].
Qed.

Lemma note_right : forall h k v t, (forall e, In e h -> snd e <= t) -> kept_right h k -> kept_right (h ++ [(v, t)]) (note k (v, t)).
Proof.
  intros h k v t T (N & S & L & I & H).
  assert (Tk : forall e, In e k -> snd e <= t) by auto.
  assert (G : forall l : list (A * Z), incl l k -> NoDup (map fst l) -> ascending (map snd l) -> ~ In v (map fst l) ->
    NoDup (map fst (l ++ [(v, t)])) /\ ascending (map snd (l ++ [(v, t)])) /\ incl (l ++ [(v, t)]) (h ++ [(v, t)])).
  { intros l J Nl Sl Vl. rewrite !map_app. simpl. split; [|split].
    - apply NoDup_Add with (a := v) (l := map fst l); [|auto]. rewrite <- (app_nil_r (map fst l)) at 1. apply Add_app.
    - apply ascending_app. repeat split; simpl; auto. intros x y X [<-|[]]. apply in_map_iff in X. destruct X as (e & <- & X). auto.
    - intros e E. rewrite in_app_iff in *. destruct E; auto. }
  assert (Q : NoDup (map fst (note k (v, t))) /\ ascending (map snd (note k (v, t))) /\ incl (note k (v, t)) (h ++ [(v, t)]) /\ (length (note k (v, t)) <= cap)%nat).
  { unfold note. cbn [fst]. unfold mem. destruct (in_dec dec v (map fst k)) as [J|J].
    - destruct (G (without v k)) as (A1 & A2 & A3); auto using nodup_without.
      + intros e E. unfold without in E. apply filter_In in E. tauto.
      + now apply ascending_filter.
      + intros E. apply in_map_iff in E. destruct E as ([w u] & <- & E). apply without_spec in E. simpl in E. tauto.
      + repeat split; auto. rewrite app_length. simpl. pose proof (without_length v k J). lia.
    - destruct (Nat.leb_spec cap (length k)) as [C|C].
      + destruct k as [|e k]; [simpl in C; unfold cap in C; lia|]. simpl tl. simpl in N, S, J, L. inversion N; subst.
        destruct (G k) as (A1 & A2 & A3); try tauto; [now apply incl_tl, incl_refl|]. repeat split; auto. rewrite app_length. simpl. lia.
      + destruct (G k) as (A1 & A2 & A3); auto using incl_refl. repeat split; auto. rewrite app_length. simpl. lia. }
  destruct Q as (N' & S' & I' & L'). split; [auto|]. split; [auto|]. split; [auto|]. split; [auto|]. intros s.
  assert (Seen : forall w, In w (seen s (h ++ [(v, t)])) <-> In w (seen s h) \/ (w = v /\ s <= t)).
  { intros w. rewrite !in_seen. split.
    - intros (u & J & U). apply in_app_iff in J. destruct J as [J|[J|[]]]; [left; eauto|]. inversion J; subst. auto.
    - intros [(u & J & U)|[-> U]]; [exists u|exists t]; rewrite in_app_iff; simpl; auto. }
  assert (D : forall g, NoDup (seen s g)) by (intros; apply NoDup_nodup).
  assert (Grows : (length (seen s h) <= length (seen s (h ++ [(v, t)])))%nat).
  { apply NoDup_incl_length; auto. intros w J. apply Seen. auto. }
  destruct (H s) as [Few Many]. pose proof (from_length s (note k (v, t))) as Most.
  destruct (Z_lt_le_dec t s) as [B|B].
  { (* later than all that was seen *)
    assert (X : forall w, ~ In w (seen s (h ++ [(v, t)]))).
    { intros w J. apply Seen in J. destruct J as [J|[_ J]]; [|lia]. apply in_seen in J. destruct J as (u & J & U). apply T in J. simpl in J. lia. }
    assert (X0 : seen s (h ++ [(v, t)]) = []) by (destruct (seen s (h ++ [(v, t)])) as [|w l]; auto; exfalso; apply (X w); now left).
    split; [|rewrite X0; unfold cap; simpl; lia]. intros _ w. split; [|intros J; now apply X in J].
    intros J. apply in_from in J. destruct J as (u & J & U). apply I' in J. apply in_seen. eauto. }
  destruct (note_loses k v t s N S L Tk B) as [K|[K K']].
  - assert (Same : (length (seen s h) < cap)%nat -> same (from s (note k (v, t))) (seen s (h ++ [(v, t)]))).
    { intros J w. rewrite K, Seen, (Few J w). intuition. }
    split; [intros J; apply Same; lia|]. intros J. destruct (Nat.lt_ge_cases (length (seen s h)) cap) as [F|F].
    + pose proof (same_length _ _ (nodup_from s _ N') (D _) (Same F)). lia.
    + specialize (Many F). assert (G0 : (length (from s k) <= length (from s (note k (v, t))))%nat); [|lia].
      apply NoDup_incl_length; [now apply nodup_from|]. intros w Jw. apply K. auto.
  - split; auto. intros J. exfalso. assert (F : (length (seen s h) < cap)%nat) by lia.
    pose proof (same_length _ _ (nodup_from s k N) (D h) (Few F)). lia.
Qed.

Lemma noted_right : forall h, ascending (map snd h) -> kept_right h (noted h).
Proof.
  induction h as [|[v t] h IH] using rev_ind; intros S.
  - split; [constructor|]. split; [exact I|]. split; [simpl; lia|]. split; [intros e []|]. intros s. split; [intros _ w; simpl; tauto|].
    unfold seen, from, cap. simpl. lia.
  - unfold noted. rewrite fold_left_app. simpl. rewrite map_app in S. apply ascending_app in S. destruct S as (S & _ & T).
    apply note_right; [|now apply IH]. intros e J. apply T; [now apply in_map|simpl; auto].
Qed.

(* Letters bring lists of values; of more than are kept only the first are noted. *)
Definition letters := list (Z * list A).
Definition events (f : list A -> list A) (h : letters) : list (A * Z) := flat_map (fun l => map (fun v => (v, fst l)) (f (snd l))) h.
Definition account (h : letters) : list (A * Z) := noted (events (firstn cap) h).

Lemma in_events : forall f h v t, In (v, t) (events f h) <-> exists vs, In (t, vs) h /\ In v (f vs).
Proof.
  intros f h v t. unfold events. rewrite in_flat_map. split.
  - intros ([u vs] & I & J). apply in_map_iff in J. destruct J as (w & E & J). inversion E; subst. eauto.
  - intros (vs & I & J). exists (t, vs). split; auto. apply in_map_iff. eauto.
Qed.

Lemma events_ascending : forall f h, ascending (map fst h) -> ascending (map snd (events f h)).
Proof.
  intros f h. induction h as [|[t vs] h IH]; simpl; auto. intros [F S]. rewrite map_app, map_map. simpl. apply ascending_app.
  split; [|split; auto].
  - clear. induction (f vs) as [|v l IH]; simpl; auto. split; auto. apply Forall_forall. intros u I. apply in_map_iff in I. destruct I as (? & <- & _). lia.
  - intros x y X Y. apply in_map_iff in X. destruct X as (? & <- & _). apply in_map_iff in Y. destruct Y as ([w u] & <- & Y).
    apply in_events in Y. destruct Y as (us & Y & _). rewrite Forall_forall in F. apply F. apply in_map_iff. now exists (u, us).
Qed.

(* Leaving the others out changes nothing below the limit. *)
Lemma first_are_enough : forall h s, Forall (fun l => NoDup (snd l)) h ->
  let few := seen s (events (firstn cap) h) in let all := seen s (events (fun l => l) h) in
  ((length few < cap)%nat <-> (length all < cap)%nat) /\ ((length few < cap)%nat -> same few all).
Proof.
  intros h s N few all. assert (I : incl few all).
  { intros v J. unfold few, all in *. apply in_seen in J. destruct J as (t & J & T). apply in_events in J. destruct J as (vs & J & F).
    apply in_seen. exists t. split; auto. apply in_events. exists vs. split; auto. rewrite <- (firstn_skipn cap vs). apply in_app_iff. auto. }
  assert (Same : (length few < cap)%nat -> same few all).
  { intros L v. split; [apply I|]. intros J. unfold all, few in *. apply in_seen in J. destruct J as (t & J & T). apply in_events in J. destruct J as (vs & J & F).
    apply in_seen. exists t. split; auto. apply in_events. exists vs. split; auto. rewrite firstn_all2; auto.
    destruct (Nat.le_gt_cases (length vs) cap) as [C|C]; auto. exfalso.
    assert (X : (length (firstn cap vs) <= length (seen s (events (firstn cap) h)))%nat).
    { apply NoDup_incl_length.
      - rewrite Forall_forall in N. specialize (N _ J). simpl in N. rewrite <- (firstn_skipn cap vs) in N. clear - N.
        induction (firstn cap vs) as [|x l IH]; simpl in *; [constructor|]. inversion N; subst. constructor; [rewrite in_app_iff in *; tauto|auto].
      - intros w W. apply in_seen. exists t. split; auto. apply in_events. eauto. }
    rewrite firstn_length in X. lia. }
  split; auto. assert (D : forall g, NoDup (seen s g)) by (intros; apply NoDup_nodup). split; intros L.
  - unfold few, all in *. rewrite <- (same_length _ _ (D _) (D _) (Same L)). auto.
  - assert (length few <= length all)%nat by (apply NoDup_incl_length; auto; apply D). lia.
Qed.

(* A call is over if what counts in the window and its own values are more than the limit. *)
Definition over (k : list (A * Z)) (s : Z) (own : list A) : bool :=
  (limit <? length (from s k) + length (filter (fun v => negb (mem v (from s k))) (firstn cap own)))%nat.

Lemma nodup_app : forall a b : list A, NoDup a -> NoDup b -> (forall v, In v a -> ~ In v b) -> NoDup (a ++ b).
Proof.
  intros a b N M D. induction N as [|x a X N IH]; simpl; auto. constructor.
  - rewrite in_app_iff. intros [I|I]; [tauto|]. apply (D x); simpl; auto.
  - apply IH. intros v I. apply D. simpl; auto.
Qed.

Lemma union_length : forall a b, NoDup a -> NoDup b -> length (nodup dec (a ++ b)) = (length a + length (filter (fun v => negb (mem v a)) b))%nat.
Proof.
  intros a b Na Nb. rewrite <- app_length. apply same_length; [apply NoDup_nodup| |].
  - apply nodup_app; auto using NoDup_filter. intros v I J. apply filter_In in J. destruct J as [_ J].
    unfold mem in J. destruct (in_dec dec v a); simpl in J; [discriminate|tauto].
  - intros v. rewrite nodup_In, !in_app_iff, filter_In. unfold mem. destruct (in_dec dec v a); simpl; intuition discriminate.
Qed.

Lemma union_same : forall a b c, same a b -> length (nodup dec (a ++ c)) = length (nodup dec (b ++ c)).
Proof.
  intros a b c S. apply same_length; auto using NoDup_nodup. intros v. rewrite !nodup_In, !in_app_iff. now rewrite (S v).
Qed.

(* The limit is over exactly where the window's values and the call's own are more than it lets through. *)
Theorem distinct_exact : forall h now window own,
  ascending (map fst h) -> Forall (fun l => NoDup (snd l)) h -> NoDup own ->
  over (account h) (now - window + 1) own = true <->
  (limit < length (nodup dec (map fst (filter (fun e => in_window window now (snd e)) (events (fun l => l) h)) ++ own)))%nat.
Proof.
  intros h now window own S N O. set (s := now - window + 1).
  assert (E : map fst (filter (fun e => in_window window now (snd e)) (events (fun l => l) h)) = from s (events (fun l => l) h)).
  { unfold from. f_equal. apply filter_ext. intros e. unfold in_window, s. apply eq_true_iff_eq. rewrite Z.ltb_lt, Z.leb_le. lia. }
  rewrite E. clear E. unfold account.
  destruct (noted_right _ (events_ascending (firstn cap) h S)) as (Nk & _ & _ & _ & R). specialize (R s). destruct R as [Few Many].
  set (k := noted (events (firstn cap) h)) in *. destruct (first_are_enough h s N) as [Iff Same].
  assert (Seen : length (nodup dec (from s (events (fun l => l) h) ++ own)) = length (nodup dec (seen s (events (fun l => l) h) ++ own))).
  { apply union_same. intros v. unfold seen. now rewrite nodup_In. }
  rewrite Seen. clear Seen. set (few := seen s (events (firstn cap) h)) in *. set (all := seen s (events (fun l => l) h)) in *.
  assert (Na : NoDup all) by apply NoDup_nodup. unfold over. rewrite Nat.ltb_lt.
  pose proof (nodup_from s k Nk) as Ns.
  destruct (Nat.lt_ge_cases (length few) cap) as [L|L].
  - assert (K : same (from s k) all) by (intros v; rewrite (Few L v); apply (Same L)).
    rewrite <- (union_same _ _ own K), union_length by auto.
    destruct (Nat.le_gt_cases (length own) cap) as [C|C]; [now rewrite firstn_all2|].
    assert (No : NoDup (firstn cap own)).
    { rewrite <- (firstn_skipn cap own) in O. clear - O. induction (firstn cap own) as [|x l IH]; simpl in *; [constructor|].
      inversion O; subst. constructor; [rewrite in_app_iff in *; tauto|auto]. }
    split; intros _.
    + rewrite <- union_length by auto. assert (X : (length own <= length (nodup dec (from s k ++ own)))%nat).
      { apply NoDup_incl_length; auto. intros v I. apply nodup_In, in_app_iff. auto. }
      unfold cap in C. lia.
    + rewrite <- union_length by auto. assert (X : (length (firstn cap own) <= length (nodup dec (from s k ++ firstn cap own)))%nat).
      { apply NoDup_incl_length; auto. intros v I. apply nodup_In, in_app_iff. auto. }
      rewrite firstn_length in X. unfold cap in *. lia.
  - assert (L' : (cap <= length all)%nat) by (unfold cap in *; lia).
    split; intros _.
    + assert (X : (length all <= length (nodup dec (all ++ own)))%nat).
      { apply NoDup_incl_length; auto. intros v I. apply nodup_In, in_app_iff. auto. }
      unfold cap in *. lia.
    + rewrite (Many L). unfold cap. lia.
Qed.

(* Over the whole history values stay, and one that is kept is not noted again. *)
Definition note_once (k : list A) (v : A) : list A := if mem v k then k else if (length k <? cap)%nat then k ++ [v] else k.
Theorem distinct_in_all_exact : forall h own, NoDup own ->
  let k := fold_left note_once h [] in
  (limit <? length k + length (filter (fun v => negb (mem v k)) own))%nat = true <-> (limit < length (nodup dec (h ++ own)))%nat.
Proof.
  intros h own O k.
  assert (R : NoDup k /\ (length k <= cap)%nat /\ incl k h /\ (same k h \/ length k = cap)).
  { unfold k. clear. induction h as [|v h IH] using rev_ind; simpl.
    - repeat split; auto using NoDup_nil, incl_nil_l; [unfold cap; lia|left; intros v; tauto].
    - rewrite fold_left_app. simpl. destruct IH as (N & L & I & S). set (k := fold_left note_once h []) in *. unfold note_once, mem.
      assert (I' : incl k (h ++ [v])) by (intros w W; apply in_app_iff; auto).
      destruct (in_dec dec v k) as [J|J].
      + repeat split; auto. destruct S as [S|S]; auto. left. intros w. rewrite in_app_iff, <- (S w). simpl. intuition congruence.
      + destruct (Nat.ltb_spec (length k) cap) as [C|C]; [|repeat split; auto; right; lia]. repeat split.
        * apply nodup_app; auto; [constructor; auto; constructor|]. intros w W [<-|[]]. tauto.
        * rewrite app_length. simpl. lia.
        * intros w W. rewrite in_app_iff in *. destruct W; auto.
        * destruct S as [S|S]; [left|lia]. intros w. rewrite !in_app_iff, (S w). tauto. }
  destruct R as (N & L & I & S). rewrite Nat.ltb_lt, <- union_length by auto. destruct S as [S|S]; [now rewrite (union_same k h own S)|].
  assert (X : forall l, incl k l -> (length k <= length (nodup dec (l ++ own)))%nat).
  { intros l J. apply NoDup_incl_length; auto. intros v V. apply nodup_In, in_app_iff. auto. }
  pose proof (X k (incl_refl k)). pose proof (X h I). unfold cap in *. lia.
Qed.
End Distinct.

(* Two values are let through: 1 at 0, 2 at 3, 1 again at 5; at 9 the value 3 is one too many in a window of ten, at 13 no more. *)
Module Example.
Definition k := account nat PeanoNat.Nat.eq_dec 2 [(0, [1%nat]); (3, [2%nat]); (5, [1%nat])].
Example over_at_9 : over nat PeanoNat.Nat.eq_dec 2 k (9 - 10 + 1) [3%nat] = true. Proof. reflexivity. Qed.
Example over_at_13 : over nat PeanoNat.Nat.eq_dec 2 k (13 - 10 + 1) [3%nat] = false. Proof. reflexivity. Qed.
End Example.
