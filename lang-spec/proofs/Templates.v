(* The templates of limits (runtime/engine/src/gauge.rs): an account remembers a few numbers, and says what counting the whole history would say.
   `Distinct.v` has the limit on different values. *)
Require Import ZArith List Bool Lia FinFun.
Import ListNotations.
Open Scope Z_scope.

(* "N in (t - D, t]". *)
Definition in_window (d now t : Z) : bool := now - t <? d.
Fixpoint ascending (h : list Z) : Prop := match h with [] => True | t :: rest => Forall (fun u => t <= u) rest /\ ascending rest end.

Lemma ascending_app : forall a b, ascending (a ++ b) <-> ascending a /\ ascending b /\ forall x y, In x a -> In y b -> x <= y.
Proof.
  induction a as [|t a IH]; simpl; intros b; [firstorder|]. rewrite IH, Forall_app, !Forall_forall. split.
  - intros [[A B] (C & D & E)]. repeat split; auto. intros x y [<-|I] J; auto.
  - intros [[A B] (C & D)]. repeat split; auto.
Qed.

(* A counter over the whole history: N came, and the next one is over. It stops at the largest number. *)
Section Counter.
Variables (most limit : Z).
Hypothesis Limit : limit <= most.
Definition counter (n : nat) : Z := Nat.iter n (fun c => Z.min most (c + 1)) 0.
Hypothesis Most : 0 <= most.
Theorem counter_exact : forall n, limit <= counter n <-> limit <= Z.of_nat n.
Proof.
  assert (C : forall n, counter n = Z.min most (Z.of_nat n)) by (unfold counter; induction n as [|n IH]; simpl Nat.iter; [|rewrite IH]; lia).
  intros n. rewrite C. lia.
Qed.
End Counter.

(* A ring of N times: the slot at hand is the oldest, and the next letter goes there. *)
Section Ring.
Variables (size : nat) (window : Z).
Hypothesis Size : (0 < size)%nat.
Record ring := { head : nat; slots : list (option Z) }.
Definition empty_ring : ring := {| head := 0; slots := repeat None size |}.
Fixpoint replace {A : Type} (n : nat) (x : A) (l : list A) : list A :=
  match l, n with [], _ => [] | _ :: l, O => x :: l | y :: l, S n => y :: replace n x l end.
Definition note (r : ring) (t : Z) : ring := {| head := (head r + 1) mod size; slots := replace (head r) (Some t) (slots r) |}.
Definition ring_of (h : list Z) : ring := fold_left note h empty_ring.
Definition ring_over (r : ring) (now : Z) : bool :=
  match nth (head r) (slots r) None with Some t => in_window window now t | None => false end.

(* What the ring is: its slots from the oldest on. *)
Definition turned (r : ring) : list (option Z) := skipn (head r) (slots r) ++ firstn (head r) (slots r).

Lemma replace_split : forall (A : Type) (x : A) l n y l', skipn n l = y :: l' -> replace n x l = firstn n l ++ x :: l'.
Proof.
  induction l as [|z l IH]; intros [|n] y l' E; simpl in *; try discriminate; [now inversion E|]. f_equal. now apply IH with y.
Qed.

Lemma note_turned : forall r t, length (slots r) = size -> (head r < size)%nat ->
  length (slots (note r t)) = size /\ (head (note r t) < size)%nat /\ turned (note r t) = tl (turned r) ++ [Some t].
Proof.
  intros [n l] t E H. unfold note, turned. cbn [head slots] in *.
  destruct (skipn n l) as [|y l'] eqn:S; [apply (f_equal (@length _)) in S; rewrite skipn_length in S; simpl in S; lia|].
  rewrite (replace_split _ _ _ _ _ _ S). pose proof (firstn_length n l) as F. pose proof (f_equal (@length _) S) as G.
  rewrite skipn_length in G. cbn [length] in G. split; [rewrite app_length; simpl; lia|].
  split; [apply Nat.mod_upper_bound; lia|]. cbn [tl app].
  assert (C : (n + 1 = size \/ n + 1 < size)%nat) by lia. destruct C as [C|C].
  - rewrite C, Nat.mod_same by lia. assert (l' = []) by (destruct l'; auto; simpl in G; lia). subst. simpl. now rewrite app_nil_r.
  - rewrite Nat.mod_small by auto. replace (firstn n l ++ Some t :: l') with ((firstn n l ++ [Some t]) ++ l') by (now rewrite <- app_assoc).
    rewrite skipn_app, firstn_app. replace (n + 1 - length (firstn n l ++ [Some t]))%nat with 0%nat by (rewrite app_length; simpl; lia).
    rewrite skipn_all2 by (rewrite app_length; simpl; lia). rewrite firstn_all2 by (rewrite app_length; simpl; lia). simpl.
    rewrite app_nil_r, app_assoc. reflexivity.
Qed.

Lemma ring_of_turned : forall h, length (slots (ring_of h)) = size /\ (head (ring_of h) < size)%nat /\
  turned (ring_of h) = skipn (length h) (repeat None size ++ map Some h).
Proof.
  induction h as [|t h IH] using rev_ind.
  - unfold turned, ring_of. simpl. rewrite repeat_length, !app_nil_r. auto.
  - unfold ring_of in *. rewrite fold_left_app. simpl. destruct IH as (A & B & C).
    destruct (note_turned _ t A B) as (A' & B' & C'). rewrite C', C. repeat split; auto.
    rewrite map_app, app_assoc, app_length, Nat.add_1_r. simpl map.
    set (l := repeat None size ++ map Some h). assert (L : (length h < length l)%nat) by (unfold l; rewrite app_length, repeat_length, map_length; lia).
    rewrite (skipn_app (S (length h)) l [Some t]). replace (S (length h) - length l)%nat with 0%nat by lia. simpl (skipn 0 _). f_equal.
    clearbody l. clear - L. revert l L. induction (length h) as [|n IH]; intros [|x l] L; simpl in *; auto; try lia. apply IH. lia.
Qed.

(* The limit is over exactly where the window holds as many as it lets through: only the oldest of the last N is asked. *)
Theorem ring_exact : forall h now, ascending h ->
  ring_over (ring_of h) now = true <-> (size <= length (filter (in_window window now) h))%nat.
Proof.
  intros h now S. destruct (ring_of_turned h) as (A & B & C).
  assert (O : nth (head (ring_of h)) (slots (ring_of h)) None = nth (length h) (repeat None size ++ map Some h) None).
  { apply (f_equal (fun l => nth 0 l None)) in C. unfold turned in C. rewrite app_nth1 in C by (rewrite skipn_length; lia).
    assert (N : forall l n, nth 0 (skipn n l) (None : option Z) = nth n l None) by (intros l; induction l as [|x l IH]; intros [|n]; simpl; auto).
    rewrite !N in C. exact C. }
  unfold ring_over. rewrite O. destruct (Nat.lt_ge_cases (length h) size) as [L|L].
  - rewrite app_nth1 by (rewrite repeat_length; auto). rewrite nth_repeat. split; [discriminate|].
    assert (X : forall f, (length (filter f h) <= length h)%nat) by (intros f; clear; induction h as [|x h IH]; simpl; auto; destruct (f x); simpl; lia).
    specialize (X (in_window window now)). lia.
  - rewrite app_nth2 by (rewrite repeat_length; auto). rewrite repeat_length.
    destruct (nth_split h 0 (n := length h - size)) as (h1 & h2 & E & L1); [lia|]. set (x := nth (length h - size) h 0) in *.
    rewrite (nth_indep _ None (Some 0)), map_nth by (rewrite map_length; lia). fold x.
    rewrite E in S |- *. apply ascending_app in S. destruct S as (S1 & S2 & S3). simpl in S2. destruct S2 as [S2 _].
    assert (L2 : (length h2 + 1 = size)%nat) by (apply (f_equal (@length _)) in E; rewrite app_length in E; simpl in E; lia).
    rewrite filter_app, app_length. simpl. clearbody x. clear - S1 S2 S3 L2. rewrite Forall_forall in S2. unfold in_window. split.
    + intros X. rewrite X. simpl. enough (length (filter (fun t => now - t <? window) h2) = length h2) by lia.
      clear - S2 X. induction h2 as [|y h2 IH]; auto. simpl. assert (Y : now - y <? window = true).
      { rewrite Z.ltb_lt in *. specialize (S2 y (or_introl eq_refl)). lia. }
      rewrite Y. simpl. f_equal. apply IH. intros; apply S2; now right.
    + intros N. destruct (now - x <? window) eqn:X; auto. exfalso.
      assert (Z1 : filter (fun t => now - t <? window) h1 = []).
      { clear - S3 X. induction h1 as [|y h1 IH]; auto. simpl. assert (Y : now - y <? window = false).
        { rewrite Z.ltb_ge in *. specialize (S3 y x (or_introl eq_refl) (or_introl eq_refl)). lia. }
        rewrite Y. apply IH. intros; apply S3; auto. now right. }
      rewrite Z1 in N. simpl in N.
      assert (Y : (length (filter (fun t => (now - t <? window)%Z) h2) <= length h2)%nat) by (clear; induction h2 as [|y h2 IH]; simpl; auto; destruct (_ <? _)%Z; simpl; lia).
      lia.
Qed.
End Ring.

(* A sum in buckets: 64 of them reach back into the window, beside the one at hand. Amounts are not negative, and a sum stops at the largest number. *)
Section Sum.
Variables (most window : Z).
Hypothesis Most : 0 <= most.
Hypothesis Window : 0 < window.
Definition len : Z := Z.max 1 ((window + 63) / 64).
Definition bucket (t : Z) : Z := t / len.
Definition plus (a b : Z) : Z := Z.min most (a + b).

Record account := { newest : option Z; sums : Z -> Z }.
Definition slot (n : Z) : Z := n mod 65.
Definition set (f : Z -> Z) (k x : Z) : Z -> Z := fun i => if i =? k then x else f i.
(* Slots of the buckets that were passed are emptied first. *)
Definition passed (n number : Z) (i : Z) : bool := existsb (fun k => (slot (n + 1 + Z.of_nat k) =? i)) (seq 0 (Z.to_nat (number - n))).
Definition cleared (a : account) (number : Z) : Z -> Z :=
  match newest a with
  | Some n => if 64 <? number - n then (fun _ => 0) else (fun i => if passed n number i then 0 else sums a i)
  | None => fun _ => 0
  end.
Definition add (a : account) (e : Z * Z) : account :=
  let number := bucket (fst e) in let before := cleared a number in
  {| newest := Some number; sums := set before (slot number) (plus (before (slot number)) (snd e)) |}.
Definition account_of (h : list (Z * Z)) : account := fold_left add h {| newest := None; sums := fun _ => 0 |}.
Definition reach (now : Z) : list Z := map (fun k => bucket now - 64 + Z.of_nat k) (seq 0 65).
Definition summed (a : account) (now : Z) : Z :=
  match newest a with
  | Some n => fold_left (fun s number => if number <=? n then plus s (sums a (slot number)) else s) (reach now) 0
  | None => 0 end.

Definition total (h : list (Z * Z)) : Z := fold_right (fun e s => snd e + s) 0 h.
Definition in_bucket (n : Z) (e : Z * Z) : bool := bucket (fst e) =? n.
Definition amounts_positive (h : list (Z * Z)) : Prop := Forall (fun e => 0 <= snd e) h.

Lemma len_positive : 0 < len. Proof. unfold len. lia. Qed.

Lemma bucket_mono : forall t u, t <= u -> bucket t <= bucket u.
Proof. intros. unfold bucket. apply Z.div_le_mono; auto. apply len_positive. Qed.

Lemma total_app : forall a b, total (a ++ b) = total a + total b.
Proof. unfold total. induction a as [|e a IH]; simpl; intros b; auto. rewrite IH. lia. Qed.

Lemma total_filter_positive : forall f h, amounts_positive h -> 0 <= total (filter f h).
Proof.
  unfold total. intros f h P. induction P as [|e h E P IH]; simpl; [lia|]. destruct (f e); simpl; lia.
Qed.

Lemma slot_same : forall m n, m - 65 < n -> n <= m -> slot n = slot m -> n = m.
Proof.
  unfold slot. intros m n A B E. pose proof (Z.div_mod m 65 ltac:(lia)). pose proof (Z.div_mod n 65 ltac:(lia)).
  assert (m / 65 = n / 65) by nia. lia.
Qed.

(* Each bucket that is kept has what fell into it. *)
Lemma account_spec : forall h, ascending (map fst h) -> amounts_positive h ->
  match newest (account_of h) with
  | Some n => (forall e, In e h -> bucket (fst e) <= n) /\ (exists e, In e h /\ bucket (fst e) = n) /\
    forall m, n - 64 <= m <= n -> sums (account_of h) (slot m) = Z.min most (total (filter (in_bucket m) h))
  | None => h = []
  end.
Proof.
  induction h as [|e h IH] using rev_ind; intros S P; [reflexivity|].
  rewrite map_app in S. apply ascending_app in S. destruct S as (S & _ & S').
  apply Forall_app in P. destruct P as [P P']. inversion P' as [|? ? Pe _]; subst. specialize (IH S P).
  unfold account_of in *. rewrite fold_left_app. simpl fold_left. set (a := fold_left add h _) in *.
  cbn [newest add]. set (number := bucket (fst e)) in *.
  assert (Before : forall x, In x h -> bucket (fst x) <= number).
  { intros x I. apply bucket_mono, S'; simpl; auto. now apply in_map. }
  split; [intros x I; apply in_app_iff in I; destruct I as [I|[<-|[]]]; [auto|unfold number; lia]|].
  split; [exists e; rewrite in_app_iff; simpl; auto|].
  assert (C : forall m, number - 64 <= m <= number -> cleared a number (slot m) = Z.min most (total (filter (in_bucket m) h))).
  { intros m M. unfold cleared. destruct (newest a) as [n|]; [|rewrite IH; simpl; lia].
    destruct IH as (A & (x & Ix & Ex) & B). assert (N : n <= number) by (subst n; auto).
    assert (Later : forall k, n < k -> total (filter (in_bucket k) h) = 0).
    { intros k K. assert (E : filter (in_bucket k) h = []); [|now rewrite E].
      clear - A K. induction h as [|y h IH]; auto. simpl. unfold in_bucket at 1. specialize (A y (or_introl eq_refl)) as Y.
      destruct (Z.eqb_spec (bucket (fst y)) k); [lia|]. apply IH. intros; apply A; now right. }
    destruct (64 <? number - n) eqn:G.
    - rewrite Z.ltb_lt in G. rewrite Later by lia. lia.
    - rewrite Z.ltb_ge in G. destruct (passed n number (slot m)) eqn:Q.
      + unfold passed in Q. apply existsb_exists in Q. destruct Q as (k & K & E). apply in_seq in K. apply Z.eqb_eq in E.
        assert (X : m = n + 1 + Z.of_nat k).
        { destruct (Z.le_ge_cases m (n + 1 + Z.of_nat k)); [symmetry in E|symmetry]; eapply slot_same; eauto; lia. }
        rewrite Later by lia. lia.
      + destruct (Z_lt_le_dec n m) as [K|K]; [|apply B; lia]. exfalso. rewrite <- not_true_iff_false in Q. apply Q.
        apply existsb_exists. exists (Z.to_nat (m - n - 1)). rewrite in_seq, Z.eqb_eq. split; [lia|]. f_equal. lia. }
  intros m M. cbn [sums add]. fold number. cbv zeta. unfold set. rewrite filter_app, total_app. simpl filter. unfold in_bucket at 2. fold number.
  pose proof (total_filter_positive (in_bucket m) h P) as T.
  destruct (Z.eqb_spec (slot m) (slot number)) as [E|E].
  - apply slot_same in E; [|lia|lia]. subst m. rewrite Z.eqb_refl, C by lia. unfold plus. cbn. lia.
  - rewrite C by auto. destruct (Z.eqb_spec number m); [congruence|]. cbn. lia.
Qed.

Lemma fold_plus : forall (g : Z -> Z) n ms s, 0 <= s -> (forall m, In m ms -> 0 <= g m) ->
  fold_left (fun s number => if number <=? n then plus s (Z.min most (g number)) else s) ms (Z.min most s) =
  Z.min most (fold_left (fun s number => if number <=? n then s + g number else s) ms s).
Proof.
  intros g n. induction ms as [|m ms IH]; simpl; intros s S G; auto. pose proof (G m (or_introl eq_refl)).
  destruct (m <=? n); [|apply IH; auto]. rewrite <- IH by auto with zarith. f_equal. unfold plus. lia.
Qed.

Lemma fold_plus_ext : forall (f g : Z -> Z) n ms s, (forall m, In m ms -> m <= n -> f m = g m) ->
  fold_left (fun s number => if number <=? n then plus s (f number) else s) ms s =
  fold_left (fun s number => if number <=? n then plus s (g number) else s) ms s.
Proof.
  intros f g n. induction ms as [|m ms IH]; simpl; intros s E; auto. destruct (Z.leb_spec m n); [rewrite E by auto|]; apply IH; auto.
Qed.

Definition reaches (now : Z) (e : Z * Z) : bool := bucket now - 64 <=? bucket (fst e).

Lemma fold_buckets : forall h n ms s, NoDup ms -> (forall e, In e h -> bucket (fst e) <= n) ->
  fold_left (fun s m => if m <=? n then s + total (filter (in_bucket m) h) else s) ms s =
  s + total (filter (fun e => existsb (Z.eqb (bucket (fst e))) ms) h).
Proof.
  intros h n. induction ms as [|m ms IH]; intros s ND H.
  - simpl. assert (E : filter (fun _ : Z * Z => false) h = []) by (clear; induction h; auto). rewrite E. simpl. lia.
  - inversion ND as [|? ? NI ND']; subst. simpl fold_left. rewrite IH by auto.
    assert (X : total (filter (fun e => existsb (Z.eqb (bucket (fst e))) (m :: ms)) h) =
                total (filter (in_bucket m) h) + total (filter (fun e => existsb (Z.eqb (bucket (fst e))) ms) h)).
    { clear - NI. induction h as [|e h IH]; auto. simpl filter. unfold in_bucket at 1. simpl existsb in *.
      destruct (Z.eqb_spec (bucket (fst e)) m) as [E|E]; simpl.
      - assert (N : existsb (Z.eqb (bucket (fst e))) ms = false).
        { apply not_true_iff_false. intros T. apply existsb_exists in T. destruct T as (k & I & K). apply Z.eqb_eq in K. subst. congruence. }
        rewrite N. unfold total in *. simpl. lia.
      - destruct (existsb _ ms); unfold total in *; simpl in *; lia. }
    rewrite X. destruct (Z.leb_spec m n) as [L|L]; [lia|].
    assert (Z0 : total (filter (in_bucket m) h) = 0); [|lia].
    clear - H L. induction h as [|e h IH]; auto. simpl. unfold in_bucket at 1. specialize (H e (or_introl eq_refl)) as He.
    destruct (Z.eqb_spec (bucket (fst e)) m); [lia|]. apply IH. intros; apply H; now right.
Qed.

(* The account's sum is that of all amounts from the first bucket that reaches into the window on. *)
Theorem sum_exact : forall h now, ascending (map fst h) -> amounts_positive h -> (forall e, In e h -> fst e <= now) ->
  summed (account_of h) now = Z.min most (total (filter (reaches now) h)).
Proof.
  intros h now S P N. pose proof (account_spec h S P) as A. unfold summed. destruct (newest (account_of h)) as [n|].
  - destruct A as (A & (x & Ix & Ex) & B). assert (L : n <= bucket now) by (subst n; apply bucket_mono; auto).
    rewrite (fold_plus_ext _ (fun m => Z.min most (total (filter (in_bucket m) h)))).
    2:{ intros m I M. apply B. unfold reach in I. apply in_map_iff in I. destruct I as (k & <- & K). lia. }
    replace 0 with (Z.min most 0) by lia. rewrite (fold_plus (fun m => total (filter (in_bucket m) h)));
      [|lia|intros; now apply total_filter_positive].
    rewrite fold_buckets; auto.
    + f_equal. rewrite Z.add_0_l. f_equal. apply filter_ext_in. intros e I. unfold reaches. apply eq_true_iff_eq. rewrite existsb_exists, Z.leb_le.
      specialize (A e I). unfold reach. split.
      * intros (k & J & E). apply Z.eqb_eq in E. apply in_map_iff in J. destruct J as (j & <- & _). lia.
      * intros E. exists (bucket (fst e)). rewrite Z.eqb_refl, in_map_iff. split; auto. exists (Z.to_nat (bucket (fst e) - (bucket now - 64))).
        rewrite in_seq. lia.
    + unfold reach. apply Injective_map_NoDup; [|apply seq_NoDup]. intros i j E. lia.
  - subst h. simpl. lia.
Qed.

(* Nothing in the window is left out, and what is counted beyond it lies in one bucket more than 64 buckets are long. *)
Theorem sum_reaches : forall now e, fst e <= now ->
  (in_window window now (fst e) = true -> reaches now e = true) /\ (reaches now e = true -> now - fst e < 64 * len + len).
Proof.
  intros now e L. unfold reaches, in_window, bucket. rewrite Z.ltb_lt, Z.leb_le.
  pose proof len_positive as K. pose proof (Z.div_mod now len ltac:(lia)). pose proof (Z.div_mod (fst e) len ltac:(lia)).
  pose proof (Z.mod_pos_bound now len K). pose proof (Z.mod_pos_bound (fst e) len K).
  assert (W : window <= 64 * len). { unfold len. pose proof (Z.div_mod (window + 63) 64 ltac:(lia)). pose proof (Z.mod_pos_bound (window + 63) 64 ltac:(lia)). lia. }
  split; intros; nia.
Qed.

(* 64 buckets are as long as the window, but for the milliseconds that make it a multiple of 64. *)
Theorem sum_length : window <= 64 * len < window + 64.
Proof.
  unfold len. pose proof (Z.div_mod (window + 63) 64 ltac:(lia)). pose proof (Z.mod_pos_bound (window + 63) 64 ltac:(lia)). lia.
Qed.

(* So a limit on a sum never lets through more than it would in the exact window. *)
Theorem sum_never_undercounts : forall h now limit own, ascending (map fst h) -> amounts_positive h -> (forall e, In e h -> fst e <= now) ->
  limit < most -> 0 <= own -> limit < total (filter (fun e => in_window window now (fst e)) h) + own -> limit < summed (account_of h) now + own.
Proof.
  intros h now limit own S P N L O H. rewrite sum_exact by auto.
  enough (total (filter (fun e => in_window window now (fst e)) h) <= total (filter (reaches now) h)) by lia.
  clear - P N Window. unfold total. induction h as [|e h IH]; simpl; [lia|]. inversion P; subst.
  destruct (sum_reaches now e (N e (or_introl eq_refl))) as [R _].
  assert (I : forall x, In x h -> fst x <= now) by (intros; apply N; now right). specialize (IH H2 I).
  destruct (in_window window now (fst e)); [rewrite R by auto; simpl; lia|]. destruct (reaches now e); simpl; lia.
Qed.
End Sum.

Module Example.
Example two_in_ten : ring_over 10 (ring_of 2 [0; 5]) 9 = true. Proof. reflexivity. Qed.
Example one_is_over : ring_over 10 (ring_of 2 [0; 5]) 10 = false. Proof. reflexivity. Qed.
Example turns : ring_over 10 (ring_of 2 [0; 5; 8]) 14 = true. Proof. reflexivity. Qed.
(* Buckets of one millisecond: 3 at 0 and 4 at 60, asked at 64 and at 65. *)
Example sum_64 : summed 100 64 (account_of 100 64 [(0, 3); (60, 4)]) 64 = 7. Proof. reflexivity. Qed.
Example sum_65 : summed 100 64 (account_of 100 64 [(0, 3); (60, 4)]) 65 = 4. Proof. reflexivity. Qed.
Example sum_stops : summed 100 64 (account_of 100 64 [(0, 99); (60, 99)]) 60 = 100. Proof. reflexivity. Qed.
End Example.
